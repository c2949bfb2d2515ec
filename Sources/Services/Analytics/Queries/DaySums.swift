import Storage
import Values

/// The sums of everybody's operations of a day, by kind. The income of the day is fees less rewards less corrections.
struct DaySums: Hashable, Sendable {
    /// Charged.
    var fees = Cents.zero
    /// Earned.
    var rewards = Cents.zero
    /// The sum that corrections gave to people; negative if they took.
    var corrections = Cents.zero

    /// The days of a range that have operations. Reads a row for each person and day, so it is for files and programs,
    /// not for pages that are opened all the time.
    static func range(_ range: ClosedRange<Day>, in transaction: any Transaction) throws -> [Day: DaySums] {
        let generation = try Generation.shown(in: transaction)
        var sums: [Day: DaySums] = [:]
        // Added up here: SUM returns another type on PostgreSQL.
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
