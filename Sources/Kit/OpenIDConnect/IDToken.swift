import Values

/// Who signed in with a provider, as it says and as it was verified (OpenID Connect Core §2, §3.1.3.7).
package struct IDToken: Hashable, Sendable {
    /// Who it is: 1 to 255 bytes of ASCII, never given to another, and of a meaning only together with the issuer
    /// (§5.7).
    package let subject: String
    package let issuedAt: Instant
    package let expiresAt: Instant
    /// When the person last proved to the provider who they are; `nil` if it is not told.
    package let authenticatedAt: Instant?
    /// `nil` if it is not told, or none that we can write to.
    package let email: MailAddress?
    /// Whether the provider has seen to it that the address is this person's; false if it is not told.
    package let isEmailVerified: Bool
    /// `nil` if it is not told, or none that a person can have here.
    package let name: String?
    /// The values of ``Provider/rolesClaim``, in order; empty if there are none.
    package let roles: [String]

    /// By how much the provider's clock and ours may differ.
    package static let leewaySeconds: Int64 = 60

    /// Checks a token that came from the provider's token endpoint (§3.1.3.7).
    /// - Parameters:
    ///   - secrets: of the attempt that it was asked for in; the caller sees to it that each is used once.
    ///   - provenSince: since when the person must have proved to the provider who they are (§3.1.2.1, `max_age`).
    /// - Throws: ``OpenIDConnectError/unknownKey`` if the keys should be fetched once more.
    package static func verified(
        _ text: String, with keys: SigningKeys, of provider: Provider, secrets: SignInSecrets,
        provenSince: Instant? = nil, now: Instant
    ) throws(OpenIDConnectError) -> IDToken {
        let claims = try Claims(SignedToken(text).verified(with: keys))
        guard let issuer = try claims.text("iss"), provider.issuer.isWritten(issuer) else { throw .issuer }
        try checkAudience(claims, provider)
        guard let nonce = try claims.text("nonce"), nonce.isSame(as: secrets.nonce) else { throw .nonce }
        let token = try IDToken(claims, rolesClaim: provider.rolesClaim, now: now)
        if let provenSince {
            let moment = token.authenticatedAt?.adding(seconds: leewaySeconds)
            guard let moment, moment >= provenSince else { throw .authenticationTime }
        }
        return token
    }

    private init(_ claims: Claims, rolesClaim: String?, now: Instant) throws(OpenIDConnectError) {
        guard let expiresAt = try claims.moment("exp") else { throw .malformedClaims("exp") }
        guard let issuedAt = try claims.moment("iat") else { throw .malformedClaims("iat") }
        guard now < expiresAt.adding(seconds: IDToken.leewaySeconds) else { throw .expired }
        let soon = now.adding(seconds: IDToken.leewaySeconds)
        guard issuedAt <= soon else { throw .issuedInFuture }
        if let start = try claims.moment("nbf"), start > soon { throw .notYetValid }
        guard let subject = try claims.text("sub"), (1...255).contains(subject.utf8.count),
            subject.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw .subject }
        (self.subject, self.issuedAt, self.expiresAt) = (subject, issuedAt, expiresAt)
        authenticatedAt = try claims.moment("auth_time")
        email = try claims.text("email").flatMap { try? MailAddress($0) }
        isEmailVerified = claims.isTrue("email_verified")
        name = try claims.text("name").flatMap { try? PersonName.checked($0) }
        roles = try rolesClaim.map { name throws(OpenIDConnectError) in try claims.texts(name) ?? [] } ?? []
    }

    /// §3.1.3.7, steps 3 to 5: we are among those it is meant for; and if there are others, it was made at our asking.
    private static func checkAudience(_ claims: Claims, _ provider: Provider) throws(OpenIDConnectError) {
        func isUs(_ text: String) -> Bool { text.utf8.elementsEqual(provider.clientID.utf8) }
        guard let audience = try claims.texts("aud"), audience.contains(where: isUs) else { throw .audience }
        let party = try claims.text("azp")
        guard party.map(isUs) ?? (audience.count == 1) else { throw .authorizedParty }
    }

    /// Claims whose meaning is known (§2, §5.1, RFC 7519 §4.1): none of them holds roles.
    static let claims: Set<String> = [
        "iss", "sub", "aud", "exp", "iat", "nbf", "jti", "azp", "nonce", "auth_time", "acr", "amr", "at_hash", "c_hash",
        "email", "email_verified", "name", "given_name", "family_name", "preferred_username",
    ]
}
