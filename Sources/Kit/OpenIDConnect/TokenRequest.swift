import Foundation
import Values

/// What a code is exchanged with (OpenID Connect Core §3.1.3.1, RFC 6749 §4.1.3, RFC 7636 §4.5): a `POST` of a form.
package struct TokenRequest: Hashable, Sendable {
    package let address: String
    /// The value of the header `Authorization`; `nil` if none is sent.
    package let authorization: String?
    package let body: [UInt8]

    /// The values of the headers `Content-Type` and `Accept`.
    package static let contentType = "application/x-www-form-urlencoded"
    package static let accepted = "application/json"

    /// - Parameters:
    ///   - redirect: the same that the code was asked for with.
    ///   - secrets: of the attempt that the code belongs to.
    package init(
        code: String, to metadata: ProviderMetadata, of provider: Provider, redirect: String, secrets: SignInSecrets
    ) {
        address = metadata.tokenEndpoint.text
        var form = [
            (name: "grant_type", value: "authorization_code"), ("code", code), ("redirect_uri", redirect),
            ("code_verifier", secrets.verifier.text),
        ]
        let secret = provider.clientSecret ?? ""
        switch metadata.authentication {
        case .basic:
            authorization = TokenRequest.basic(id: provider.clientID, secret: secret)
        case .post:
            authorization = nil
            form += [("client_id", provider.clientID), ("client_secret", secret)]
        case .none:
            authorization = nil
            form.append(("client_id", provider.clientID))
        }
        body = FormText.written(form)
    }

    /// Both are encoded as in a form first, so that an id may have a colon (RFC 6749 §2.3.1).
    private static func basic(id: String, secret: String) -> String {
        "Basic " + Data((FormText.encode(id) + ":" + FormText.encode(secret)).utf8).base64EncodedString()
    }
}
