import Storage
import Values

/// The two prices of a task, drawn when Accounting first heard of it, with the task's name at that time.
struct Price: Hashable, Sendable {
    let task: ID
    let fee: Cents
    let reward: Cents
    /// The ``RecordedRanges`` that they were drawn from.
    let ranges: Int64
    let title: String
    let jiraID: String?
    let at: Instant

    static let columns = SQL("task, fee, reward, ranges, title, jira_id, at")
    static let insertion =
        "INSERT INTO price (task, fee, reward, ranges, title, jira_id, at) VALUES (?, ?, ?, ?, ?, ?, ?)"

    var values: [Value] {
        [task.stored, fee.stored, reward.stored, ranges.stored, title.stored, jiraID.stored, at.stored]
    }

    static func of(_ task: ID, in transaction: any Transaction) throws -> Price? {
        try transaction.fetchOne("SELECT \(columns) FROM price WHERE task = \(task)").map(Price.init)
    }

    /// The prices of those tasks that have any.
    static func of(_ tasks: [ID], in transaction: any Transaction) throws -> [ID: Price] {
        let rows = try transaction.fetch(in: tasks) { "SELECT \(columns) FROM price WHERE task IN (\(list: $0))" }
        var prices: [ID: Price] = [:]
        for row in rows {
            let price = try Price(row)
            prices[price.task] = price
        }
        return prices
    }
}

extension Price {
    init(_ row: Row) throws {
        task = try row(0)
        fee = try row(1)
        reward = try row(2)
        ranges = try row(3)
        title = try row(4)
        jiraID = try row(5)
        at = try row(6)
    }
}
