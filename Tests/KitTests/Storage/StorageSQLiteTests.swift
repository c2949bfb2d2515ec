import Foundation
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing

/// What only the SQLite driver has.
@Suite("Storage: SQLite's own")
struct StorageSQLiteTests {
    static func table(_ database: SQLiteDatabase) throws {
        try database.write { try $0.send("CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT) STRICT") }
    }

    static func ids(_ database: SQLiteDatabase) throws -> [Int] {
        try database.read { try $0.fetch("SELECT id FROM note ORDER BY id").map { try $0(0) } }
    }

    @Test("A commit is flushed: synchronous is FULL on the writer, with a write-ahead log and foreign keys")
    func settings() throws {
        let folder = try TemporaryFolder()
        let database = try SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test")
        defer { database.close() }
        let settings = try database.write { transaction in
            try ["synchronous", "foreign_keys", "wal_autocheckpoint", "journal_mode"].map {
                try transaction.fetch(SQL(text: "PRAGMA \($0)", values: []))[0].values[0]
            }
        }
        #expect(settings == [.integer(2), .integer(1), .integer(20_000), .text("wal")])
    }

    @Test("Group commit: waiting writes share one commit, and one that fails doesn't touch the others")
    func group() throws {
        let folder = try TemporaryFolder()
        let commits = Mutex(0)
        let database = try SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test") { point in
            if point == .beforeCommit { commits.withLock { $0 += 1 } }
        }
        defer { database.close() }
        try Self.table(database)
        let before = commits.withLock { $0 }
        let started = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let group = DispatchGroup()
        let outcomes = Mutex<[Int: Bool]>([:])
        // The first holds the writer until all others wait.
        group.enter()
        database.write { _ in
            started.signal()
            gate.wait()
        } then: { (_: Result<Void, any Error>) in
            group.leave()
        }
        started.wait()
        for number in 0..<100 {
            group.enter()
            database.write { transaction in
                try transaction.send("INSERT INTO note (id, text) VALUES (\(number), 'x')")
                if number == 50 { _ = try transaction.change("INSERT INTO note (id, text) VALUES (1, 'again')") }
            } then: { (result: Result<Void, any Error>) in
                outcomes.withLock { $0[number] = (try? result.get()) != nil }
                group.leave()
            }
        }
        gate.signal()
        group.wait()
        #expect(commits.withLock { $0 } - before == 2)
        #expect(outcomes.withLock { $0 } == Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, $0 != 50) }))
        #expect(try Self.ids(database) == (0..<100).filter { $0 != 50 })
    }

    @Test("The signal stands still where nothing was changed")
    func signal() throws {
        let database = try SQLiteDatabase.memory(name: "test")
        defer { database.close() }
        try Self.table(database)
        let before = database.commits.count
        try database.write { _ = try $0.change("UPDATE note SET text = 'a'") }
        _ = try Self.ids(database)
        #expect(database.commits.count == before)
        try database.write { try $0.send("INSERT INTO note (id) VALUES (1)") }
        #expect(database.commits.count == before + 1)
    }

    struct Crash: Error {}

    @Test("A fault at a statement or before the commit undoes the transaction", arguments: [1, 2, 3])
    func faultBefore(at call: Int) throws {
        let calls = Mutex<Int?>(nil)
        let database = try SQLiteDatabase.inline(name: "test") { point in
            let isDue = calls.withLock { left -> Bool in
                left = left.map { $0 - 1 }
                return left == 0
            }
            if isDue { throw Crash() }
        }
        try Self.table(database)
        calls.withLock { $0 = call }
        #expect(throws: Crash.self) {
            try database.write { transaction in
                try transaction.send("INSERT INTO note (id) VALUES (1)")
                try transaction.send("INSERT INTO note (id) VALUES (2)")
            }
        }
        calls.withLock { $0 = nil }
        #expect(try Self.ids(database) == [])
    }

    @Test("A fault after the commit loses the answer and nothing else")
    func faultAfter() throws {
        let isArmed = Mutex(false)
        let database = try SQLiteDatabase.inline(name: "test") { point in
            if point == .afterCommit && isArmed.withLock({ $0 }) { throw Crash() }
        }
        try Self.table(database)
        isArmed.withLock { $0 = true }
        #expect(throws: Crash.self) { try database.write { try $0.send("INSERT INTO note (id) VALUES (1)") } }
        #expect(try Self.ids(database) == [1])
    }

    @Test("Inline runs at once, and refuses a transaction within a transaction")
    func inline() throws {
        let database = try SQLiteDatabase.inline(name: "test")
        try Self.table(database)
        let thread = Mutex<[Bool]>([])
        database.write { _ in
            thread.withLock { $0.append(Thread.isMainThread) }
        } then: { (_: Result<Void, any Error>) in
            thread.withLock { $0.append(Thread.isMainThread) }
        }
        #expect(thread.withLock { $0 } == [Thread.isMainThread, Thread.isMainThread])
        #expect(throws: StorageError.self) {
            try database.write { _ in try database.write { try $0.send("INSERT INTO note (id) VALUES (1)") } }
        }
        #expect(try Self.ids(database) == [])
    }

    @Test("A snapshot stands still while others write", arguments: ["file", "memory", "inline"])
    func snapshot(kind: String) throws {
        let folder = try TemporaryFolder()
        let database =
            switch kind {
            case "file": try SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test")
            case "memory": try SQLiteDatabase.memory(name: "test")
            default: try SQLiteDatabase.inline(name: "test")
            }
        defer { database.close() }
        try Self.table(database)
        try database.write { try $0.send("INSERT INTO note (id) VALUES (1)") }
        let (transaction, end) = try database.snapshot()
        try database.write { try $0.send("INSERT INTO note (id) VALUES (2)") }
        let seen = try transaction.fetch("SELECT id FROM note ORDER BY id").map { try $0(0, as: Int.self) }
        #expect(seen == [1])
        #expect(throws: StorageError.self) { try transaction.send("DELETE FROM note") }
        end()
        #expect(throws: StorageError.self) { try transaction.fetch("SELECT 1") }
        #expect(try Self.ids(database) == [1, 2])
    }

    @Test("What was committed is there after the file is opened again, in one file")
    func reopen() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.sqlite"
        for number in 1...3 {
            let database = try SQLiteDatabase(path: path, name: "test")
            try Self.table(database)
            try database.write { try $0.send("INSERT INTO note (id) VALUES (\(number))") }
            database.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.sqlite"])
        }
        let database = try SQLiteDatabase(path: path, name: "test")
        defer { database.close() }
        #expect(try Self.ids(database) == [1, 2, 3])
    }
}
