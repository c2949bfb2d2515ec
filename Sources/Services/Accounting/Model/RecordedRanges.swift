import Storage
import Values

/// Recorded ranges, with the number that prices refer to.
struct RecordedRanges: Hashable, Sendable {
    let number: Int64
    let ranges: PriceRanges
    let since: Instant

    static let columns = SQL("number, fee_low, fee_high, reward_low, reward_high, since")

    init(_ row: Row) throws {
        number = try row(0)
        let bounds: [Int64] = [try row(1), try row(2), try row(3), try row(4)]
        guard bounds[0] <= bounds[1], bounds[2] <= bounds[3],
            let ranges = PriceRanges(fee: bounds[0]...bounds[1], reward: bounds[2]...bounds[3])
        else { throw StorageError.decoding("price range \(number) is not a range") }
        self.ranges = ranges
        since = try row(5)
    }

    /// The ranges in force; `nil` before the first start.
    static func current(in transaction: any Transaction) throws -> RecordedRanges? {
        try transaction.fetchOne("SELECT \(columns) FROM price_range ORDER BY number DESC LIMIT 1").map(
            RecordedRanges.init)
    }

    /// The smallest and the largest fee that a task may have, in whole units. It covers all recorded ranges: a task
    /// that was priced before the ranges changed keeps its price.
    static func fees(in transaction: any Transaction) throws -> ClosedRange<Int64>? {
        let fees = try RecordedRanges.all(in: transaction).map(\.ranges.fee)
        guard let least = fees.map(\.lowerBound).min(), let most = fees.map(\.upperBound).max() else { return nil }
        return least...most
    }

    /// All ranges that were ever in force.
    static func all(in transaction: any Transaction) throws -> [RecordedRanges] {
        try transaction.fetch("SELECT \(columns) FROM price_range ORDER BY number LIMIT 10000").map(RecordedRanges.init)
    }
}
