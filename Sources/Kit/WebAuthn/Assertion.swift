/// A proof that somebody has the credential's key (WebAuthn §7.2), with what is to be stored of it.
package struct Assertion: Hashable, Sendable {
    /// The counter that came with it (§6.1.1).
    package let counter: UInt32
    /// The counter has not grown, though one is kept: two authenticators may have the same key (§6.1.1). The caller says
    /// what follows.
    package let isCloned: Bool
    /// Whether the user was verified, by a PIN or a finger (§6.1).
    package let isVerified: Bool
    /// Whether the credential is backed up now (§6.1.3).
    package let isBackedUp: Bool
}
