import Directory
import Storage
import Values
import Web

/// Who may look at analytics, and how its addresses are read.
enum AnalyticsCall {
    /// The row "analytics dashboard" of the table of rights.
    static let access = Endpoint.Access.holding([Role.admin])

    /// The open day as events tell of it; the clock's before there are any.
    static func today(_ call: Call, in transaction: any Transaction) throws -> Day {
        try DayFigures.today(in: transaction) ?? call.company.calendar.day(of: call.now)
    }

    /// A query parameter that must be a date where it is given.
    static func day(_ call: Call, _ name: String) throws -> Day? {
        guard let text = call.query(name) else { return nil }
        guard let day = Day(text) else { throw Problem.invalid(name, "analytics.date") }
        return day
    }

    /// `from` and `to` of the query; the last 30 days up to `today` where they are missing.
    static func range(_ call: Call, today: Day) throws -> ClosedRange<Day> {
        let last = try day(call, "to") ?? today
        let first = try day(call, "from") ?? last.adding(days: -29)
        guard first <= last else { throw Problem.invalid("from", "analytics.range-order") }
        guard last.number - first.number < DayFigures.longestRange else {
            throw Problem.invalid(
                "from", "analytics.range-long", values: ["days": String(DayFigures.longestRange)])
        }
        return first...last
    }

    static let rangeParameters = [
        Parameter("from", .day, "The first day; 29 days before the last by default"),
        Parameter("to", .day, "The last day; today by default. At most 366 days"),
    ]
}
