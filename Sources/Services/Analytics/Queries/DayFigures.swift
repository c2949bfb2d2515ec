import Storage
import Values

/// The dearest completed task of a day or a longer stretch: by its reward, of equal ones the one that was completed
/// first (X30).
struct DearestTask: Hashable, Sendable {
    let day: Day
    let reward: Cents
    let task: ID
    let title: String
    let jiraID: String?
    let person: ID

    /// Of days of the range that is shown; at most a year of them.
    static func best(_ range: ClosedRange<Day>, in transaction: any Transaction) throws -> DearestTask? {
        let generation = try Generation.shown(in: transaction)
        return try transaction.fetchOne(
            """
            SELECT day, sum, task, title, jira_id, person FROM dearest WHERE generation = \(generation)
            AND day >= \(range.lowerBound) AND day <= \(range.upperBound) ORDER BY sum DESC, event LIMIT 1
            """
        ).map { row in
            DearestTask(
                day: try row(0), reward: try row(1), task: try row(2), title: try row(3), jiraID: try row(4),
                person: try row(5))
        }
    }
}

/// The company's figures of one day.
struct DayFigures: Sendable {
    /// How much of a day analytics has (X31).
    enum State: String, Sendable {
        /// Being worked on.
        case open
        /// Over, and not everything of it has come in yet.
        case comingIn = "coming-in"
        /// Over and complete: it never changes again.
        case final
        /// Before the first day, or after today.
        case none
    }

    let day: Day
    var state = State.none
    /// Fees less rewards less corrections. What it is made of is in ``DaySums``: the sums that are kept for a day hold
    /// corrections among the rest.
    var income = Cents.zero
    var operations = 0
    /// How many people were below zero at its end; on the open day, how many are now.
    var belowZero = 0
    /// What the close said there is, once it has come in.
    var sealedOperations: Int?
    var dearest: DearestTask?

    /// The open day as Accounting's events tell of it: the latest that has an operation, or the one after the latest
    /// that was closed. `nil` before the first event.
    static func today(in transaction: any Transaction) throws -> Day? {
        let generation = try Generation.shown(in: transaction)
        return try transaction.fetchOne(
            "SELECT day, closes FROM day_figure WHERE generation = \(generation) ORDER BY day DESC LIMIT 1"
        ).map { row in
            let day: Day = try row(0)
            return try row(1, as: Int.self) > 0 ? day.next : day
        }
    }

    /// Each day of a range, those without operations included.
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
