/// What a program's token may change (X66). Every token may read what its person may read; for changes it needs the scope
/// of the service that makes them, and its person the roles. Open strings; these are the ones there are.
package enum Scope {
    /// Tasks, reassignments and imports.
    package static let tasks = "tasks"
    /// Corrections, closes, payouts.
    package static let money = "money"
    /// Accounts, roles, passwords, sessions and tokens.
    package static let people = "people"
    /// Letters, backups, figures that are made anew, parked events.
    package static let operations = "operations"

    package static let all = [tasks, money, people, operations]
}
