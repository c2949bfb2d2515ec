import SQLiteDriver
import Storage
import Synchronization

/// Where tests have their databases: in memory, or, where a test is run for it, on the PostgreSQL server that
/// `scripts/test.sh` has started.
package enum TestDatabase {
    /// The databases of one test on PostgreSQL, gone with it.
    private final class Lodging: Sendable {
        private let fixtures = Mutex<[PostgreSQLFixture]>([])

        func fresh() throws -> any Database {
            let fixture = try PostgreSQLFixture()
            fixtures.withLock { $0.append(fixture) }
            return fixture.database
        }
    }

    @TaskLocal private static var lodging: Lodging?

    /// An empty database; on SQLite each body runs at once, on the calling thread.
    package static func fresh(_ name: String) throws -> any Database {
        try lodging?.fresh() ?? SQLiteDatabase.inline(name: name)
    }

    /// Runs a test once on each kind of database that there is here.
    package static func onEach(_ test: @Sendable () async throws -> Void) async throws {
        try await test()
        guard PostgreSQLFixture.isThere else { return }
        try await $lodging.withValue(Lodging()) { try await test() }
    }
}
