import Directory
import Storage
import Values
import Web

/// Who can see analytics, and how its addresses are read.
enum AnalyticsCall {
    /// The row "analytics dashboard" of the table of rights.
    static let access = Endpoint.Access.holding([Role.admin])

    /// The open day according to events; before the first event, the clock's day.
    static func today(_ call: Call, in transaction: any Transaction) throws -> Day {
        try DayFigures.today(in: transaction) ?? call.company.calendar.day(of: call.now)
    }
}
