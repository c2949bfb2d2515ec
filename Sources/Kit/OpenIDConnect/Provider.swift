import Values

/// How this installation is known to a company's identity provider: what somebody configures.
package struct Provider: Hashable, Sendable {
    package let issuer: Issuer
    package let clientID: String
    /// `nil` for a client that has none (a public client, RFC 6749 §2.1): PKCE alone binds the code to it.
    package let clientSecret: String?
    /// What is asked for; always `openid` (§3.1.2.1).
    package let scopes: [String]
    /// The claim that holds the roles or groups that a person has there; `nil` if none is read.
    package let rolesClaim: String?

    /// - Parameter scopes: beside `openid`, which is added.
    package init(
        issuer: Issuer, clientID: String, clientSecret: String? = nil, scopes: [String] = ["email", "profile"],
        rolesClaim: String? = nil
    ) throws(OpenIDConnectError) {
        guard Provider.isVisible(clientID) else { throw .clientID }
        if let clientSecret, !Provider.isVisible(clientSecret) { throw .clientSecret }
        let all = ["openid"] + scopes.filter { $0 != "openid" }
        guard all.count <= 32, all.allSatisfy(Provider.isScope) else { throw .scopes }
        if let rolesClaim {
            guard (1...255).contains(rolesClaim.utf8.count), !IDToken.claims.contains(rolesClaim)
            else { throw .rolesClaim }
        }
        (self.issuer, self.clientID, self.clientSecret) = (issuer, clientID, clientSecret)
        (self.scopes, self.rolesClaim) = (all, rolesClaim)
    }

    /// 1 to 1024 bytes of `VSCHAR` (RFC 6749 appendix A.1, A.2).
    private static func isVisible(_ text: String) -> Bool {
        (1...1024).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// `scope-token` (RFC 6749 appendix A.4).
    private static func isScope(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
