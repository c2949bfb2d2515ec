import Foundation
import PostgreSQLDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values

@Suite("PostgreSQL: several at once, and what can go wrong", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLTroubleTests {
    let fixture: PostgreSQLFixture
    var database: PostgreSQLDatabase { fixture.database }

    init() throws {
        fixture = try PostgreSQLFixture()
    }

    /// Ends every other connection to this database.
    static func terminateOthers(_ database: PostgreSQLDatabase) throws {
        _ = try database.write { transaction in
            try transaction.fetch(
                """
                SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
                """)
        }
    }

    func isUnavailable(_ error: any Error) -> Bool {
        if case .unavailable = error as? StorageError { true } else { false }
    }

    @Test("A connection killed in the middle: unavailable, nothing written, and the next body works")
    func killed() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        let other = PostgreSQLFixture.open(fixture.connection) { $0.writers = 1 }
        defer { other.close() }
        #expect {
            try database.write { transaction in
                _ = try transaction.change("INSERT INTO t VALUES (1)")
                try PostgreSQLTroubleTests.terminateOthers(other)
                _ = try transaction.fetch("SELECT 1")
            }
        } throws: { isUnavailable($0) }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 0)
        try database.run("INSERT INTO t VALUES (1)")
        #expect(try database.number("SELECT COUNT(*) FROM t") == 1)
    }

    @Test("A connection that dies while idle is replaced without anybody noticing")
    func idle() throws {
        let database = PostgreSQLFixture.open(fixture.connection) { ($0.writers, $0.readers) = (1, 1) }
        defer { database.close() }
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        #expect(try database.number("SELECT COUNT(*) FROM t") == 0)
        try PostgreSQLTroubleTests.terminateOthers(fixture.database)
        try database.run("INSERT INTO t VALUES (1)")
        #expect(try database.number("SELECT COUNT(*) FROM t") == 1)
    }

    @Test("A connection lost during the commit: unavailable, and the message says that the outcome is unknown")
    func lostCommit() throws {
        try database.run(
            "CREATE TABLE t (id BIGINT PRIMARY KEY)",
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$
            """,
            "CREATE CONSTRAINT TRIGGER t_die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"
        )
        #expect {
            try database.write { _ = try $0.change("INSERT INTO t VALUES (1)") }
        } throws: { error in
            isUnavailable(error) && "\(error)".contains("outcome is unknown")
        }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 0)
    }

    @Test("A server that cannot be reached: unavailable once patience ends, for all that wait")
    func unreachable() throws {
        let database = PostgreSQLFixture.open("\(fixture.connection) port=1") { $0.patience = .milliseconds(100) }
        for _ in 0..<3 {
            #expect {
                _ = try database.read { try $0.fetch("SELECT 1") }
            } throws: { isUnavailable($0) }
        }
        database.close()
    }

    @Test("A lock that somebody else holds for too long: unavailable, worth trying again")
    func lockTimeout() throws {
        let impatient = PostgreSQLFixture.open(fixture.connection) { $0.lockTimeout = .milliseconds(20) }
        defer { impatient.close() }
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)", "INSERT INTO t VALUES (1)")
        try database.write { transaction in
            _ = try transaction.fetchLocking("SELECT id FROM t")
            #expect {
                try impatient.write { _ = try $0.fetchLocking("SELECT id FROM t") }
            } throws: { isUnavailable($0) }
        }
        // A shared lock is no obstacle to another one.
        try database.write { transaction in
            _ = try transaction.fetchSharing("SELECT id FROM t")
            #expect(try impatient.write { try $0.fetchSharing("SELECT id FROM t").count } == 1)
        }
    }

    @Test("X43: who stands still in the middle of a transaction loses it, and the rows it has locked are free again")
    func stopped() throws {
        let stopped = PostgreSQLFixture.open(fixture.connection) {
            ($0.writers, $0.idleInTransactionTimeout) = (1, .milliseconds(200))
        }
        defer { stopped.close() }
        let database = database
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT)", "INSERT INTO t VALUES (1, 0)")
        #expect {
            try stopped.write { transaction in
                _ = try transaction.fetchLocking("SELECT id FROM t")
                // The other gets the row although this transaction has not ended here.
                try database.run("UPDATE t SET n = 7")
                _ = try transaction.change("UPDATE t SET n = 8")
            }
        } throws: { isUnavailable($0) }
        #expect(try database.number("SELECT n FROM t") == 7)
    }

    @Test("A database that an address names is created where it is missing, by however many at once")
    func created() throws {
        guard let server = PostgreSQLFixture.server else { return }
        let name = "popug_made_\(UUID().uuidString.prefix(8).lowercased())"
        defer { try? PostgreSQLServer(connection: server).drop(database: name) }
        let created = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 3) { _ in
            #expect(throws: Never.self) {
                if try PostgreSQLServer.createIfMissing("\(server) dbname=\(name)") { created.withLock { $0 += 1 } }
            }
        }
        #expect(created.withLock { $0 } == 1)
        let database = PostgreSQLFixture.open("\(server) dbname=\(name)")
        defer { database.close() }
        #expect(try database.number("SELECT 1::bigint") == 1)
    }

    @Test("A body that swallows a storage error is not committed, and a body's own error is passed on")
    func swallowed() throws {
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        #expect(throws: StorageError.self) {
            try database.write { transaction in
                _ = try transaction.change("INSERT INTO t VALUES (1)")
                _ = try? transaction.fetch("SELECT nothing")
            }
        }
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try database.write { transaction in
                try transaction.send("INSERT INTO t VALUES (1)")
                throw Refused()
            }
        }
        #expect(try database.number("SELECT COUNT(*) FROM t") == 0)
    }

    @Test("Counters that many threads move lose nothing, under a row lock and without")
    func counters() throws {
        let database = database
        try database.run("CREATE TABLE c (id BIGINT PRIMARY KEY, n BIGINT)", "INSERT INTO c VALUES (1, 0), (2, 0)")
        let seen = database.commits.count
        DispatchQueue.concurrentPerform(iterations: 8) { _ in
            for _ in 0..<25 {
                #expect(throws: Never.self) {
                    try database.write { transaction in
                        let row = try #require(try transaction.fetchLocking("SELECT n FROM c WHERE id = 1").first)
                        let count: Int = try row(0)
                        try transaction.send("UPDATE c SET n = \(count + 1) WHERE id = 1")
                        try transaction.send("UPDATE c SET n = n + 1 WHERE id = 2")
                    }
                }
            }
        }
        #expect(try database.number("SELECT MIN(n) FROM c") == 200)
        #expect(try database.number("SELECT MAX(n) FROM c") == 200)
        #expect(database.commits.count == seen + 200)
    }

    @Test("A deadlock runs one body again, and both come through")
    func deadlock() throws {
        let database = database
        try database.run("CREATE TABLE c (id BIGINT PRIMARY KEY, n BIGINT)", "INSERT INTO c VALUES (1, 0), (2, 0)")
        let met = Meeting(of: 2)
        DispatchQueue.concurrentPerform(iterations: 2) { side in
            #expect(throws: Never.self) {
                try database.write { transaction in
                    _ = try transaction.change("UPDATE c SET n = n + 1 WHERE id = \(side + 1)")
                    // Both hold their first row before either asks for its second; only on the first run.
                    met.arrive()
                    _ = try transaction.change("UPDATE c SET n = n + 1 WHERE id = \(2 - side)")
                }
            }
        }
        #expect(try database.read { try $0.fetch("SELECT n FROM c").map(\.values) } == [[.integer(2)], [.integer(2)]])
        // The server may choose one victim or both.
        #expect(met.arrivals >= 3)
    }

    @Test("Two programs that bring the schema up at once do each step once")
    func migrations() throws {
        let steps = [
            Migration(1, "one", ["CREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT, b BLOB) STRICT"]),
            Migration(2, "two", ["INSERT INTO a (b) VALUES (x'01')", "CREATE INDEX a_b ON a (b) WHERE b IS NOT NULL"]),
        ]
        let connection = fixture.connection
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            let database = PostgreSQLFixture.open(connection) { ($0.writers, $0.readers) = (1, 1) }
            #expect(throws: Never.self) { try database.migrate(steps, now: Instant(milliseconds: 1)) }
            database.close()
        }
        #expect(try database.number("SELECT COUNT(*) FROM a") == 1)
        #expect(try database.number("SELECT COUNT(*) FROM migration") == 2)
        #expect(throws: StorageError.self) { try database.migrate([steps[0]], now: Instant(milliseconds: 2)) }
    }

    @Test("Closing finishes what waits, and refuses what comes later")
    func close() throws {
        let database = PostgreSQLFixture.open(fixture.connection) { $0.writers = 1 }
        try database.run("CREATE TABLE t (id BIGINT PRIMARY KEY)")
        let done = Meeting(of: 20)
        for id in 1...20 {
            database.write({ try $0.send("INSERT INTO t VALUES (\(id))") }, then: { _ in done.arrive(waiting: false) })
        }
        database.close()
        #expect(done.arrivals == 20)
        #expect(try self.database.number("SELECT COUNT(*) FROM t") == 20)
        #expect(throws: StorageError.closed) { try database.run("DELETE FROM t") }
        #expect(throws: StorageError.closed) { _ = try database.read { try $0.fetch("SELECT 1") } }
    }
}

/// Holds whoever arrives until all have.
final class Meeting: Sendable {
    // All state is behind the condition's lock.
    private final class State: @unchecked Sendable {
        let condition = NSCondition()
        var arrivals = 0
    }

    private let state = State()
    private let count: Int

    init(of count: Int) {
        self.count = count
    }

    var arrivals: Int {
        state.condition.withLock { state.arrivals }
    }

    func arrive(waiting: Bool = true) {
        state.condition.withLock {
            state.arrivals += 1
            state.condition.broadcast()
            while waiting && state.arrivals < count { state.condition.wait() }
        }
    }
}
