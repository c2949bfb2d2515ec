import Storage
import Values

/// The company's figures of one day.
struct DayFigures: Sendable {
    /// How complete analytics' figures of a day are (X31).
    enum State: String, Sendable {
        /// The open day.
        case open
        /// Over, but not all of its events have arrived.
        case comingIn = "coming-in"
        /// Over and complete: it never changes again.
        case final
        /// Before the first day or after today.
        case none
    }

    let day: Day
    var state = State.none
    /// Fees less rewards less corrections. ``DaySums`` has the parts: the sums stored for a day include corrections.
    var income = Cents.zero
    var operations = 0
    /// How many people were below zero at the end of the day; on the open day, how many are now.
    var belowZero = 0
    /// The number of operations in the event of the close, once it has arrived.
    var sealedOperations: Int?
    var dearest: DearestTask?

    /// The open day according to Accounting's events: the latest day with an operation, or the one after the latest
    /// closed day. `nil` before the first event.
    static func today(in transaction: any Transaction) throws -> Day? {
        let generation = try Generation.shown(in: transaction)
        return try transaction.fetchOne(
            "SELECT day, closes FROM day_figure WHERE generation = \(generation) ORDER BY day DESC LIMIT 1"
        ).map { row in
            let day: Day = try row(0)
            return try row(1, as: Int.self) > 0 ? day.next : day
        }
    }

    /// Each day of a range, including days without operations.
    static func range(_ range: ClosedRange<Day>, in transaction: any Transaction) throws -> [DayFigures] {
        let generation = try Generation.shown(in: transaction)
        let first: Day? = try transaction.value(
            "SELECT day FROM day_figure WHERE generation = \(generation) ORDER BY day LIMIT 1")
        let today = try today(in: transaction)
        var days = (range.lowerBound.number...range.upperBound.number).map { number in
            var day = DayFigures(day: Day(number: number))
            if let first, let today, day.day >= first, day.day <= today {
                day.state = day.day == today ? .open : .comingIn
            }
            return day
        }
        let rows = try transaction.fetch(
            """
            SELECT f.day, f.fees, f.rewards, f.operations, f.closes, f.below_zero, f.sealed_operations,
            f.sealed_accounts, d.sum, d.task, d.title, d.jira_id, d.person
            FROM day_figure f LEFT JOIN dearest d ON d.generation = f.generation AND d.day = f.day
            WHERE f.generation = \(generation) AND f.day >= \(range.lowerBound) AND f.day <= \(range.upperBound)
            """)
        for row in rows {
            let day: Day = try row(0)
            try days[day.number - range.lowerBound.number].read(row)
        }
        if let today, range.contains(today) {
            days[today.number - range.lowerBound.number].belowZero = try BelowZero.count(in: transaction)
        }
        return days
    }

    private mutating func read(_ row: Row) throws {
        income = try row(1, as: Cents.self).minus(try row(2))
        operations = try row(3)
        let closes: Int = try row(4)
        belowZero = try row(5)
        sealedOperations = try row(6)
        let accounts: Int? = try row(7)
        if let sealedOperations, let accounts, sealedOperations == operations, accounts == closes { state = .final }
        if let sum: Cents = try row(8) {
            dearest = DearestTask(
                day: day, reward: sum, task: try row(9), title: try row(10), jiraID: try row(11), person: try row(12))
        }
    }
}
