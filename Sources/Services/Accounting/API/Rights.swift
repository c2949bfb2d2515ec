import Directory
import Values
import Web

/// Who may see what (the table of X7).
enum Rights {
    /// The company's money and everyone's accounts.
    static let money = Endpoint.Access.holding(keepers)
    /// Who keeps the books.
    static let keepers: Set<String> = [Role.accountant, Role.admin]

    /// The account that a path names, `me` being the caller's own.
    /// - Throws: a 403 problem for another's, unless the caller keeps the books.
    static func account(_ call: Call) throws -> ID {
        let caller = try call.person()
        if call.pathValues["person"] == "me" { return caller.id }
        let person = try call.id("person")
        guard person == caller.id || caller.holds(anyOf: keepers) else { throw Problem.forbidden }
        return person
    }

    /// A query parameter that must be a date where it is given.
    static func day(_ call: Call, _ name: String) throws -> Day? {
        guard let text = call.query(name) else { return nil }
        guard let day = Day(text) else { throw Problem.invalid(name, "accounting.date") }
        return day
    }

    /// `from` and `to` of the query; the last 30 days up to `today` where they are missing.
    static func range(_ call: Call, today: Day) throws -> (first: Day, last: Day) {
        let last = try day(call, "to") ?? today
        let first = try day(call, "from") ?? last.adding(days: -29)
        guard first <= last else { throw Problem.invalid("from", "accounting.range-order") }
        guard last.number - first.number < CompanyDay.longestRange else {
            throw Problem.invalid(
                "from", "accounting.range-long", values: ["days": String(CompanyDay.longestRange)])
        }
        return (first, last)
    }
}
