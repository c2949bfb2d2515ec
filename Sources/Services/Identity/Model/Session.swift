import Values

/// What a token belongs to; it ends at sign-out.
struct Session: Sendable, Hashable {
    enum Kind: String, Sendable {
        /// A person's sign-in with a browser.
        case browser
        /// A token that a program holds.
        case program
    }

    let id: ID
    let person: ID
    let kind: Kind
    /// The name of a program's token; empty for a browser.
    let name: String
    let address: String
    /// What the browser called itself; empty if it was not kept.
    let agent: String
    /// How the person proved who they are; empty for a program, and for a sign-in before 0.8.0.
    let ways: [Way]
    let created: Instant
    let until: Instant
    /// What a program may change, in the order of names. `nil` for a person, and for a program from before 0.5.0, which
    /// may change whatever its person may.
    let scopes: [String]?
    /// The last use, to the minute, as far as processes have reported it; `nil` if none was reported.
    let used: Instant?
}
