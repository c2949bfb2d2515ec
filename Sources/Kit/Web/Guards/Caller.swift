import Directory
import Values

/// The caller of a request, as the transaction sees them.
struct Caller: Sendable {
    var person: Person?
    var session: ID?
    /// What a program's token may change; `nil` for a person's own session.
    var scopes: Set<String>?
    /// When the person last proved who they are; `nil` if no person did.
    var proven: Instant?
}
