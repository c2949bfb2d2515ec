import Values

/// One change of a task (X18).
package struct TaskChange: Sendable {
    package enum Kind: Int64, Sendable {
        case created = 1
        case reassigned = 2
        case completed = 3
    }

    package let revision: Int
    package let kind: Kind
    /// The assignee after the change.
    package let person: ID
    package let former: ID?
    package let actor: ID
    package let reassignment: ID?
    package let at: Instant
    package let personName: String
    package let formerName: String
    package let actorName: String
}
