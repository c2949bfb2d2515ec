import Values

/// What one attempt to sign in is known by. The caller keeps it for the browser that makes the attempt, out of the
/// sight of others, and uses it once.
package struct SignInSecrets: Hashable, Sendable {
    /// Comes back with the browser: the answer belongs to this attempt (RFC 6749 §10.12).
    package let state: String
    /// Stands in the ID token: it was made for this attempt (OpenID Connect Core §3.1.2.1).
    package let nonce: String
    package let verifier: CodeVerifier

    /// How many random bytes are needed: 32 for each of the three, which tell nothing of one another.
    package static let randomBytes = 96

    /// New ones; `nil` for another count of bytes than ``randomBytes``.
    package init?(random bytes: [UInt8]) {
        guard bytes.count == SignInSecrets.randomBytes, let verifier = CodeVerifier(random: Array(bytes[64...]))
        else { return nil }
        self.init(state: Base64URL.encode(bytes[..<32]), nonce: Base64URL.encode(bytes[32..<64]), verifier: verifier)
    }

    /// Ones that were kept, or made by the caller; `nil` if the state or the nonce is too short to be a secret (16
    /// random bytes), too long, or not of letters, digits and `-._~`.
    package init?(state: String, nonce: String, verifier: CodeVerifier) {
        guard [state, nonce].allSatisfy({ (22...1024).contains($0.utf8.count) && PercentCoding.encode($0) == $0 })
        else { return nil }
        (self.state, self.nonce, self.verifier) = (state, nonce, verifier)
    }
}
