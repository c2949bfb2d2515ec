import Ledger
import Storage
import Values

/// One account on one day: what it began and ended with, and its operations, the latest first (X24).
struct DayStatement: Sendable {
    let account: Ledger.Account
    let day: Day
    /// The day that is booked on now.
    let today: Day
    let opening: Cents
    let sums: DaySums
    let paid: Cents
    let closing: Cents
    let operations: Int
    let entries: [Ledger.Entry]
    /// The cursor of the next page.
    let next: ID?
    /// The nearest days with operations, for a reader who wants to look around.
    let dayBefore: Day?
    let dayAfter: Day?

    /// `nil` where there is no such account. `day` is today's where it is not given.
    static func read(
        of id: ID, day asked: Day?, after cursor: ID?, limit: Int, in transaction: any Transaction
    ) throws -> DayStatement? {
        guard let account = try Ledger.account(id, in: transaction) else { return nil }
        let today = try OpenDay.shown(in: transaction)
        let day = asked ?? today
        let row = try Ledger.accountDay(id, day, in: transaction)
        let before = try Ledger.days(of: id, through: day.previous, limit: 1, in: transaction).first
        // Without operations a day ends as it began: with what the last one before it left.
        let carried = before?.closing ?? .zero
        var entries = try Ledger.statement(of: id, day: day, after: cursor, limit: limit + 1, in: transaction)
        let more = entries.count > limit
        if more { entries.removeLast() }
        return DayStatement(
            account: account, day: day, today: today, opening: row?.opening ?? carried,
            sums: try DaySums(
                credited: row?.credited ?? .zero, debited: row?.debited ?? .zero, of: id, on: day, in: transaction),
            paid: row?.paid ?? .zero, closing: row?.closing ?? carried,
            operations: row?.operations ?? 0, entries: entries, next: more ? entries.last?.id : nil,
            dayBefore: before?.day, dayAfter: try Ledger.dayAfter(day, of: id, in: transaction))
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

extension DayStatement {
    /// Who confirmed its corrections, of those that somebody had to (X23).
    func confirmers(in transaction: any Transaction) throws -> [ID: ID] {
        try CorrectionRequest.confirmers(
            of: entries.filter { $0.kind == Books.correction }.map(\.id), in: transaction)
    }
}
