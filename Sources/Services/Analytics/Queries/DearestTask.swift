import Storage
import Values

/// The dearest completed task of a range of days: the one with the highest reward, or if equal the one completed first
/// (X30).
struct DearestTask: Hashable, Sendable {
    let day: Day
    let reward: Cents
    let task: ID
    let title: String
    let jiraID: String?
    let person: ID

    /// The dearest task of the range; at most a year.
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
