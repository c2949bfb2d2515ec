import Schemas

/// What a provider tells of itself (OpenID Connect Discovery §3, RFC 8414 §2), as far as it is needed here. Read only
/// if we can sign people in there.
package struct ProviderMetadata: Hashable, Sendable {
    /// Where the browser is sent.
    package let authorizationEndpoint: WebAddress
    /// Where a code is exchanged for tokens.
    package let tokenEndpoint: WebAddress
    /// Where its ``SigningKeys`` are.
    package let keysAddress: WebAddress
    /// How we say there who we are.
    package let authentication: ClientAuthentication
    /// Whether it says in every answer whose answer it is (RFC 9207 §3).
    package let namesIssuer: Bool

    /// How many bytes of JSON it may be.
    package static let largest = 65_536

    /// Reads JSON as it was sent from ``Discovery/address(of:)``.
    package init(_ bytes: [UInt8], of provider: Provider) throws(OpenIDConnectError) {
        guard bytes.count <= ProviderMetadata.largest else { throw .tooLarge }
        guard let json = try? JSONText(bytes) else { throw .malformedMetadata("") }
        let document: Document
        do throws(JSONMismatch) { document = try Document(json: json) } catch { throw .malformedMetadata(error.place) }
        guard provider.issuer.isWritten(document.issuer) else { throw .metadataIssuer }
        try ProviderMetadata.check(document)
        let issuer = provider.issuer.address
        func address(_ text: String, _ member: String) throws(OpenIDConnectError) -> WebAddress {
            guard let address = WebAddress(text), address.isSafe(beside: issuer) else { throw .endpoint(member) }
            return address
        }
        authorizationEndpoint = try address(document.authorization, "authorization_endpoint")
        // RFC 6749 §3.1: no parameter twice.
        guard authorizationEndpoint.parameters?.isDisjoint(with: AuthorizationRequest.parameters) == true
        else { throw .endpoint("authorization_endpoint") }
        tokenEndpoint = try address(document.token, "token_endpoint")
        keysAddress = try address(document.keys, "jwks_uri")
        authentication = try ProviderMetadata.authentication(of: provider, document.authentications)
        namesIssuer = document.namesIssuer ?? false
    }

    /// What we need. A list that may be left out stands for what the specification says of it.
    private static func check(_ document: Document) throws(OpenIDConnectError) {
        guard document.responses.contains("code") else { throw .unsupported("response_types_supported") }
        guard document.modes?.contains("query") ?? true else { throw .unsupported("response_modes_supported") }
        guard document.grants?.contains("authorization_code") ?? true
        else { throw .unsupported("grant_types_supported") }
        guard document.algorithms.contains(where: { SigningKey.Algorithm(rawValue: $0) != nil })
        else { throw .unsupported("id_token_signing_alg_values_supported") }
        guard document.challenges?.contains("S256") ?? true
        else { throw .unsupported("code_challenge_methods_supported") }
    }

    /// Without a secret there is only one way, whatever is listed: providers that know public clients often do not list
    /// `none`, and the token endpoint refuses whom it wants a secret from.
    private static func authentication(
        of provider: Provider, _ listed: [String]?
    ) throws(OpenIDConnectError) -> ClientAuthentication {
        guard provider.clientSecret != nil else { return .none }
        let listed = listed ?? [ClientAuthentication.basic.rawValue]
        let known = [ClientAuthentication.basic, .post].first { listed.contains($0.rawValue) }
        guard let known else { throw .unsupported("token_endpoint_auth_methods_supported") }
        return known
    }

    /// The members that are read.
    private struct Document: Shaped {
        let issuer: String
        let authorization: String
        let token: String
        let keys: String
        let responses: [String]
        let modes: [String]?
        let grants: [String]?
        let algorithms: [String]
        let challenges: [String]?
        let authentications: [String]?
        let namesIssuer: Bool?

        static let shape = Shape("ProviderMetadata", Document.init) {
            Field("issuer", \.issuer, "Whose it is")
            Field("authorization_endpoint", \.authorization, "Where the browser is sent")
            Field("token_endpoint", \.token, "Where a code is exchanged")
            Field("jwks_uri", \.keys, "Where the keys are")
            Field("response_types_supported", \.responses, "What a browser can bring back")
            Field("response_modes_supported", \.modes, "How it brings it")
            Field("grant_types_supported", \.grants, "What can be exchanged for tokens")
            Field("id_token_signing_alg_values_supported", \.algorithms, "What ID tokens are signed with")
            Field("code_challenge_methods_supported", \.challenges, "How a code is bound to who asked for it")
            Field("token_endpoint_auth_methods_supported", \.authentications, "How clients say who they are")
            Field("authorization_response_iss_parameter_supported", \.namesIssuer, "Whether answers name the issuer")
        }
    }
}
