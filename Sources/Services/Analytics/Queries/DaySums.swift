import Storage
import Values

/// What everybody's operations of a day come to, each kind for itself. The income of the day is fees less rewards less
/// corrections.
struct DaySums: Hashable, Sendable {
    /// Charged.
    var fees = Cents.zero
    /// Earned.
    var rewards = Cents.zero
    /// What corrections gave to people; below zero where they took.
    var corrections = Cents.zero

    /// The days of a range that have operations. Reads a row for each person and day: for files and programs, not for
    /// pages that are looked at all the time.
    static func range(_ range: ClosedRange<Day>, in transaction: any Transaction) throws -> [Day: DaySums] {
        let generation = try Generation.shown(in: transaction)
        var sums: [Day: DaySums] = [:]
        // Added up here: SUM would answer with another type on PostgreSQL.
        try transaction.forEach(
            """
            SELECT day, charged, rewarded, corrected FROM person_day
            WHERE generation = \(generation) AND day >= \(range.lowerBound) AND day <= \(range.upperBound)
            """
        ) { row in
            let day: Day = try row(0)
            var sum = sums[day] ?? DaySums()
            sum.fees = try sum.fees.plus(try row(1))
            sum.rewards = try sum.rewards.plus(try row(2))
            sum.corrections = try sum.corrections.plus(try row(3))
            sums[day] = sum
        }
        return sums
    }
}
