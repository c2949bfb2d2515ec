import Directory
import Schemas
import Values

/// What many endpoints read from a request in the same way.
extension Call {
    /// The person named in a path; `me` is the caller.
    ///
    /// - Parameter keepers: people with one of these roles may name others too (X7).
    /// - Throws: a 403 problem for another person, a 404 problem for a value that is not a person.
    package func person(_ name: String, or keepers: Set<String>) throws -> ID {
        let caller = try person()
        if pathValues[name] == "me" { return caller.id }
        let person = try id(name)
        guard person == caller.id || caller.holds(anyOf: keepers) else { throw Problem.forbidden }
        return person
    }

    /// A query parameter that must be a date if it is given.
    /// - Throws: a 422 problem.
    package func queryDay(_ name: String) throws -> Day? {
        guard let text = query(name) else { return nil }
        guard let day = Day(text) else { throw Problem.invalid(name, "web.day") }
        return day
    }

    /// `from` and `to` of the query, both inclusive.
    ///
    /// - Parameters:
    ///   - today: the last day, if it is not given. If the first is not given, it is 29 days before the last.
    /// - Throws: a 422 problem for days in the wrong order, or more than ``Parameter/longestRange``.
    package func days(today: Day) throws -> ClosedRange<Day> {
        let last = try queryDay("to") ?? today
        let first = try queryDay("from") ?? last.adding(days: -29)
        guard first <= last else { throw Problem.invalid("from", "web.days-order") }
        guard last.number - first.number < Parameter.longestRange else {
            throw Problem.invalid("from", "web.days-long", values: ["days": String(Parameter.longestRange)])
        }
        return first...last
    }
}

extension Parameter {
    /// The maximum number of days in a range.
    package static let longestRange = 366

    /// The parameters of ``Call/days(today:)``.
    package static let days = [
        Parameter("from", .day, "The first day; 29 days before the last by default"),
        Parameter("to", .day, "The last day; today by default. At most \(longestRange) days"),
    ]
}
