import Storage
import Values

/// One close, in progress or done.
struct DayRecord: Hashable, Sendable {
    let day: Day
    let startedAt: Instant
    let swept: Int
    let accounts: Int
    let operations: Int
    let payouts: Int
    let paid: Cents
    let seal: [UInt8]?
    let sealedAt: Instant?

    private static let columns = SQL("day, started_at, swept, accounts, operations, payouts, paid, seal, sealed_at")

    init(_ row: Row) throws {
        day = try row(0)
        startedAt = try row(1)
        swept = try row(2)
        accounts = try row(3)
        operations = try row(4)
        payouts = try row(5)
        paid = try row(6)
        seal = try row(7)
        sealedAt = try row(8)
    }

    /// The close in progress.
    static func unsealed(in transaction: any Transaction) throws -> DayRecord? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM day_close WHERE sealed_at IS NULL ORDER BY day LIMIT 1"
        ).map(DayRecord.init)
    }

    static func of(_ day: Day, in transaction: any Transaction) throws -> DayRecord? {
        try transaction.fetchOne("SELECT \(columns) FROM day_close WHERE day = \(day)").map(DayRecord.init)
    }

    /// Closes before `day`, the latest first.
    static func before(_ day: Day, limit: Int, in transaction: any Transaction) throws -> [DayRecord] {
        try transaction.fetch(
            "SELECT \(columns) FROM day_close WHERE day < \(day) ORDER BY day DESC LIMIT \(limit)"
        ).map(DayRecord.init)
    }
}
