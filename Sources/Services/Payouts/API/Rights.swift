import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// Everyone's payouts.
    static let money = Endpoint.Access.holding(keepers)
    /// The roles that keep the books.
    static let keepers: Set<String> = [Role.accountant, Role.admin]

    /// The person that a path names; `me` is the caller.
    /// - Throws: a 403 problem for anyone else, unless the caller keeps the books and `others` are allowed.
    static func person(_ call: Call, others: Bool = true) throws -> ID {
        try call.person("person", or: others ? keepers : [])
    }

    static func state(_ call: Call) throws -> Payout.State? {
        guard let text = call.query("state") else { return nil }
        guard let state = Payout.State(rawValue: text) else { throw Problem.invalid("state", "payouts.state") }
        return state
    }
}
