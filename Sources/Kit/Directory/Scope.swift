/// What a program's token may change (X66). Every token may read what its person may read. For a change, the token
/// needs the scope of the service that makes the change, and its person needs the roles. Scopes are open strings; these
/// are the existing ones.
package enum Scope {
    /// Tasks, reassignments and imports.
    package static let tasks = "tasks"
    /// Corrections, closes, payouts.
    package static let money = "money"
    /// Accounts and sessions. What gives a way in, such as a password or a token, needs all the other scopes too.
    package static let people = "people"
    /// Letters, backups, figures that are computed again, parked events.
    package static let operations = "operations"

    package static let all = [tasks, money, people, operations]

    /// Whether a caller with these scopes may use every one of them: a program whose token has them all, or a person
    /// (`nil`).
    package static func areAll(_ scopes: Set<String>?) -> Bool { scopes?.isSuperset(of: all) ?? true }
}
