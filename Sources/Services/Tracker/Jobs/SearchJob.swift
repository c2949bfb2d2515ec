import ServiceKit
import Storage
import Values

/// After an upgrade, rewrites the search words of tasks from a version that folded words differently: the newest tasks
/// first, in slices. It runs once.
struct SearchJob {
    static let slice = 1000

    func step(_ database: any Database, _ environment: Environment) throws -> Job.Progress {
        let waiting = try database.read { try SearchJob.backlog(in: $0) > 0 }
        guard waiting else { return .idle }
        try database.write { try SearchJob.step(in: $0) }
        return .more
    }

    private static func backlog(in transaction: any Transaction) throws -> Int64 {
        try transaction.value("SELECT through FROM search_backlog WHERE one = 1") ?? 0
    }

    private static func step(in transaction: any Transaction) throws {
        let through = try backlog(in: transaction)
        let rows = try transaction.fetch(
            """
            SELECT position, id, title, jira_id, description FROM task WHERE position <= \(through)
            ORDER BY position DESC LIMIT \(slice)
            """)
        try SearchIndex.add(
            rows.map { try (id: $0(1), title: $0(2), jiraID: $0(3), description: $0(4)) }, in: transaction)
        let last: Int64 = rows.count < slice ? 0 : (try rows[slice - 1](0) as Int64) - 1
        // If two processes write the same words, only one commits.
        let moved = try transaction.change(
            "UPDATE search_backlog SET through = \(last) WHERE one = 1 AND through = \(through)")
        guard moved == 1 else { throw StorageError.unavailable("another process writes these words") }
    }
}
