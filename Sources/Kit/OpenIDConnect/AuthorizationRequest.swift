/// What a browser is sent to a provider with (OpenID Connect Core §3.1.2.1, RFC 7636 §4.3).
package struct AuthorizationRequest: Hashable, Sendable {
    /// Where the browser is sent.
    package let address: String

    /// - Parameters:
    ///   - redirect: where the provider sends the browser back to, exactly as it is registered there.
    ///   - asksAgain: whether people must prove to the provider who they are even if it knows them still; whether they
    ///     did is checked with `provenSince` of ``IDToken/verified(_:with:of:secrets:provenSince:now:)``.
    package init(
        to metadata: ProviderMetadata, of provider: Provider, redirect: String, secrets: SignInSecrets,
        asksAgain: Bool = false
    ) throws(OpenIDConnectError) {
        guard WebAddress(redirect) != nil else { throw .redirect }
        // With `max_age`, the token has to tell when they did (§2). There are providers that never stop asking for 0.
        let again = [(name: "prompt", value: "login"), (name: "max_age", value: String(IDToken.leewaySeconds))]
        address = metadata.authorizationEndpoint.adding(
            (asksAgain ? again : []) + [
                ("response_type", "code"), ("client_id", provider.clientID), ("redirect_uri", redirect),
                ("scope", provider.scopes.joined(separator: " ")), ("state", secrets.state), ("nonce", secrets.nonce),
                ("code_challenge", secrets.verifier.challenge), ("code_challenge_method", "S256"),
            ])
    }

    /// The parameters above, and those that would change what is answered: none of them may stand in the endpoint's own
    /// query.
    static let parameters: Set<String> = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "response_mode", "request", "request_uri", "prompt", "max_age",
    ]
}
