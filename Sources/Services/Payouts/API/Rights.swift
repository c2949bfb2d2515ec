import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// Everyone's payouts.
    static let money = Endpoint.Access.holding([Role.accountant, Role.admin])

    static func isMoney(_ person: Person) -> Bool { person.holds(anyOf: [Role.accountant, Role.admin]) }

    /// The person that a path names, `me` being the caller.
    /// - Throws: a 403 problem for another, unless the caller keeps the books and `others` are allowed.
    static func person(_ call: Call, others: Bool = true) throws -> ID {
        let caller = try call.person()
        if call.pathValues["person"] == "me" { return caller.id }
        let person = try call.id("person")
        guard person == caller.id || others && isMoney(caller) else { throw Problem.forbidden }
        return person
    }

    static func state(_ call: Call) throws -> Payout.State? {
        guard let text = call.query("state") else { return nil }
        guard let state = Payout.State(rawValue: text) else { throw Problem.invalid("state", "payouts.state") }
        return state
    }
}
