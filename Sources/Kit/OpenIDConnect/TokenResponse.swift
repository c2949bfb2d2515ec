import Schemas

/// What a provider gives for a code (OpenID Connect Core §3.1.3.3). Its other tokens are not read: nothing is asked of
/// the provider with them.
package struct TokenResponse: Hashable, Sendable {
    /// Not yet verified: see ``IDToken``.
    package let idToken: String

    /// How many bytes of JSON it may be.
    package static let largest = 65_536

    /// Reads JSON as it was sent, whatever the status it came with.
    /// - Throws: ``OpenIDConnectError/refused(_:)`` if the provider says no.
    package init(_ bytes: [UInt8]) throws(OpenIDConnectError) {
        guard bytes.count <= TokenResponse.largest else { throw .tooLarge }
        guard let json = try? JSONText(bytes) else { throw .malformedTokens("") }
        if let error = json.member("error"), error != .null {
            guard let fault = try? Fault(json: json),
                let refusal = Refusal(code: fault.code, description: fault.description)
            else { throw .malformedTokens("error") }
            throw .refused(refusal)
        }
        let given: Given
        do throws(JSONMismatch) { given = try Given(json: json) } catch { throw .malformedTokens(error.place) }
        // RFC 6749 §5.1: in whatever case.
        guard given.type.utf8.map({ $0 | 0x20 }).elementsEqual("bearer".utf8) else { throw .tokenType }
        idToken = given.idToken
    }

    private struct Given: Shaped {
        let type: String
        let idToken: String

        static let shape = Shape("TokenResponse", Given.init) {
            Field("token_type", \.type, "What kind of token the access token is")
            Field("id_token", \.idToken, "Who signed in")
        }
    }

    /// RFC 6749 §5.2.
    private struct Fault: Shaped {
        let code: String
        let description: String?

        static let shape = Shape("TokenFault", Fault.init) {
            Field("error", \.code, "Why not")
            Field("error_description", \.description, "The same in words")
        }
    }
}
