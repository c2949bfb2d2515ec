import Storage
import Values

/// One operation in analytics' data.
struct PersonOperation: Sendable {
    let id: ID
    let number: Int64
    let kind: String
    let sum: Cents
    let balance: Cents
    let task: ID?
    let title: String?
    let jiraID: String?
    let reason: String?
    let time: Instant

    /// A person's operations of a day, the latest first, before `cursor`.
    static func list(
        of person: ID, on day: Day, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> [PersonOperation] {
        let generation = try Generation.shown(in: transaction)
        return try transaction.fetch(
            """
            SELECT id, number, kind, sum, balance, task, title, jira_id, reason, time FROM operation
            WHERE generation = \(generation) AND day = \(day) AND person = \(person)
            AND number < \(cursor ?? Int64.max) ORDER BY number DESC LIMIT \(limit)
            """
        ).map { row in
            PersonOperation(
                id: try row(0), number: try row(1), kind: try row(2), sum: try row(3), balance: try row(4),
                task: try row(5), title: try row(6), jiraID: try row(7), reason: try row(8), time: try row(9))
        }
    }

    /// All operations of a day, in the order in which they were booked, for a file.
    static func all(of person: ID, on day: Day, in transaction: any Transaction) throws -> [PersonOperation] {
        var all: [PersonOperation] = []
        while true {
            let slice = try list(of: person, on: day, before: all.last?.number, limit: 1000, in: transaction)
            all += slice
            if slice.count < 1000 { return all.reversed() }
        }
    }
}
