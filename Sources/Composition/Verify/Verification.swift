import Hosting
import Messaging
import SQLiteDriver
import ServiceKit
import Storage

/// `popug verify`: one consistent view of every service's data, and all checks on it.
package enum Verification {
    /// One check's outcome.
    package struct Outcome: Sendable {
        package let service: String
        package let check: String
        package let counts: [(what: String, count: Int64)]
        package let problems: [String]
        /// The number of all findings; `problems` keeps the first of them.
        package let found: Int
    }

    /// Whether the files of a folder are whole, as far as SQLite can say (X61).
    /// - Throws: ``Failure`` or `StorageError` if a file is missing or cannot be read.
    package static func files(in folder: String) throws -> [Outcome] {
        try DataFolder.databaseNames.compactMap { name in
            let path = folder + "/" + name
            // A missing log is made again from the journals; a missing database is reported when it is opened.
            guard try TextFile.exists(path) else { return nil }
            let found = try SQLiteDatabase.damage(path: path)
            return Outcome(
                service: "files", check: "\(name) is whole", counts: [], problems: found.map { "\(path): \($0)" },
                found: found.count)
        }
    }

    /// Whether the snapshots fit together: no consumer has applied an event that is not numbered yet in its publisher's
    /// snapshot. Accounting and Payouts listen to each other, so no order of opening alone guarantees this.
    package static func isCut(_ services: [any Service], _ snapshots: Snapshots) throws -> Bool {
        for service in services where snapshots.has(service.name) {
            let own = try snapshots.of(service.name)
            for topic in Set(service.reactions.map(\.topic)) where snapshots.has(topic.name) {
                var numbered: [Int: Int64] = [:]
                for row in try snapshots.of(topic.name).fetch(
                    "SELECT partition, numbered FROM journal_cursor LIMIT 100")
                {
                    numbered[try row(0)] = try row(1)
                }
                for (partition, number) in try Checkpoint.numbers(of: topic, in: own)
                where number > numbered[partition, default: 0] {
                    return false
                }
            }
        }
        return true
    }

    /// Runs every check of the services on snapshots of their databases, which the caller has opened consumers first.
    /// `progress` is called with each check's number before it runs.
    package static func run(
        services: [any Service], snapshots: Snapshots, extra: [Check] = [],
        progress: (_ done: Int, _ total: Int, _ name: String) -> Void = { _, _, _ in }
    ) -> [Outcome] {
        let checks =
            services.flatMap { service in service.checks.map { (service.name, $0) } } + extra.map { ("all", $0) }
        return checks.enumerated().map { index, entry in
            progress(index, checks.count, "\(entry.0): \(entry.1.name)")
            var findings = Findings()
            do {
                try entry.1.run(snapshots, &findings)
            } catch {
                findings.problem("the check could not be finished: \(error)")
            }
            return Outcome(
                service: entry.0, check: entry.1.name, counts: findings.counts, problems: findings.problems,
                found: findings.found)
        }
    }
}
