import Values

/// What a token belongs to, and what ends at sign-out.
struct Session: Sendable, Hashable {
    enum Kind: String, Sendable {
        /// A person signed in.
        case browser
        /// A token that a program holds.
        case program
    }

    let id: ID
    let person: ID
    let kind: Kind
    /// What a program's token is called; empty for a browser.
    let name: String
    let address: String
    let created: Instant
    let until: Instant
    /// What a program may change, in the order of names; `nil` of a person, and of a program from before 0.5.0, which may
    /// what its person may.
    let scopes: [String]?
    /// To the minute, as far as the processes have told; `nil` where it was not used since they can.
    let used: Instant?
}
