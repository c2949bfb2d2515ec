import Hosting
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization

/// The databases of tests: in memory or, when a test is run for PostgreSQL, on the server that `scripts/test.sh` has
/// started.
package enum TestDatabase {
    /// The PostgreSQL databases of one test, dropped after it.
    private final class Lodging: Sendable {
        private let fixtures = Mutex<[PostgreSQLFixture]>([])

        func fresh() throws -> any Database {
            let fixture = try PostgreSQLFixture()
            fixtures.withLock { $0.append(fixture) }
            return fixture.database
        }
    }

    @TaskLocal private static var lodging: Lodging?

    /// Whether this run of a test is the one on PostgreSQL.
    package static var isOnPostgreSQL: Bool { lodging != nil }

    /// An empty database; on SQLite each body runs at once, on the calling thread.
    /// - Parameter faults: called wherever SQLite may fail; PostgreSQL's real failures have tests of their own.
    package static func fresh(_ name: String, faults: @escaping FaultHook = { _ in }) throws -> any Database {
        try lodging?.fresh() ?? SQLiteDatabase.inline(name: name, faults: faults)
    }

    // Unchecked: the code that opened a transaction waits while the innermost body works with all of them.
    private struct Held: @unchecked Sendable {
        var transactions: [String: any Transaction] = [:]
    }

    /// Opens one read transaction on each of these databases, in this order, and reads in them.
    package static func reading<T: Sendable>(
        _ databases: [(name: String, database: any Database)], _ body: @escaping @Sendable (Snapshots) throws -> T
    ) throws -> T {
        try reading(databases, Held(), body)
    }

    private static func reading<T: Sendable>(
        _ databases: [(name: String, database: any Database)], _ held: Held,
        _ body: @escaping @Sendable (Snapshots) throws -> T
    ) throws -> T {
        guard let first = databases.first else { return try body(Snapshots(held.transactions)) }
        let others = Array(databases.dropFirst())
        return try first.database.read { transaction in
            var held = held
            held.transactions[first.name] = transaction
            return try reading(others, held, body)
        }
    }

    /// The findings of these checks on these databases.
    package static func problems(
        _ checks: [Check], in databases: [(name: String, database: any Database)]
    ) throws -> [String] {
        try reading(databases) { snapshots in
            var findings = Findings()
            for check in checks { try check.run(snapshots, &findings) }
            return findings.problems
        }
    }

    /// Runs a test once on each kind of database that is available.
    package static func onEach(_ test: @Sendable () async throws -> Void) async throws {
        try await test()
        guard PostgreSQLFixture.isThere else { return }
        try await $lodging.withValue(Lodging()) { try await test() }
    }
}
