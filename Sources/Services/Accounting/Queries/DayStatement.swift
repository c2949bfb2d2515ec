import Ledger
import Storage
import Values

/// One account on one day: opening and closing balance, and the sums of its operations (X24).
struct DayStatement: Sendable {
    let account: Ledger.Account
    let day: Day
    /// The open day, on which entries are booked now.
    let today: Day
    let opening: Cents
    let sums: DaySums
    let paid: Cents
    let closing: Cents
    let operations: Int
    /// The nearest days with operations, for links to them.
    let dayBefore: Day?
    let dayAfter: Day?

    /// `nil` if there is no such account. Without `day`, the open day is used.
    static func read(of id: ID, day asked: Day?, in transaction: any Transaction) throws -> DayStatement? {
        guard let account = try Ledger.account(id, in: transaction) else { return nil }
        let today = try OpenDay.shown(in: transaction)
        let day = asked ?? today
        let row = try Ledger.accountDay(id, day, in: transaction)
        let before = try Ledger.days(of: id, through: day.previous, limit: 1, in: transaction).first
        // A day without operations ends as it began: with the balance that the last day before it left.
        let carried = before?.closing ?? .zero
        return DayStatement(
            account: account, day: day, today: today, opening: row?.opening ?? carried,
            sums: try DaySums(
                credited: row?.credited ?? .zero, debited: row?.debited ?? .zero, of: id, on: day, in: transaction),
            paid: row?.paid ?? .zero, closing: row?.closing ?? carried,
            operations: row?.operations ?? 0, dayBefore: before?.day,
            dayAfter: try Ledger.dayAfter(day, of: id, in: transaction))
    }

    /// All operations of a day in the order in which they were booked, for a file.
    static func all(of id: ID, day: Day, in transaction: any Transaction) throws -> [Ledger.Entry] {
        var entries: [Ledger.Entry] = []
        var cursor: ID?
        while true {
            let slice = try Ledger.statement(of: id, day: day, after: cursor, limit: 1000, in: transaction)
            entries += slice
            guard slice.count == 1000, let last = slice.last else { return entries.reversed() }
            cursor = last.id
        }
    }
}
