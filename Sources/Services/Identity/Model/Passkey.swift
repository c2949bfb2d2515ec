import Values
import WebAuthn

/// A person's passkey, as it is stored.
struct Passkey: Sendable, Hashable {
    /// How many one person may have.
    static let most = 20
    /// In scalars.
    static let longestName = 60

    let id: ID
    let person: ID
    let name: String
    /// The authenticator's id of it.
    let rawID: [UInt8]
    /// `nil` if Identity did not store it for this person (X60): it lets nobody in.
    let credential: Credential?
    let isBackedUp: Bool
    let created: Instant
    let used: Instant?
    /// When its counter went back, which a copy of it would explain. It lets nobody in since then.
    let suspect: Instant?

    var isUsable: Bool { credential != nil && suspect == nil }
}
