import Archive
import Composition
import Foundation
import Hosting
import Operations
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Writers held at one moment, and the backups that the server makes by itself.
@Suite("Backups of a running server", .serialized)
struct BackupRoomTests {
    private final class Flag: Sendable {
        let isSet = Mutex(false)
    }

    @Test("The list of backups is shortened when it has grown long, and keeps the latest")
    func records() throws {
        let folder = try TemporaryFolder()
        let records = BackupRecords(folder: folder.path)
        func record(_ number: Int64) -> BackupRecord {
            BackupRecord(
                at: Instant(seconds: number), file: "/backups/\(String(repeating: "x", count: 1000))", size: number,
                seconds: 1, heldMilliseconds: 1, by: BackupRecord.schedule, error: nil)
        }
        for number in 1...2500 { try records.add(record(Int64(number))) }
        let path = folder.path + "/" + DataFolder.backupRecordName
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 ?? 0
        #expect(size < 2 << 20, "\(size) bytes")
        #expect(try records.latest(2).map(\.size) == [2500, 2499])
        #expect(try records.latest(5000).count > 500)
    }

    @Test("While writers are held nothing is committed anywhere; what is opened then is one moment of all")
    func oneMoment() throws {
        let folder = try TemporaryFolder()
        let paths = ["first", "second"].map { folder.path + "/\($0).sqlite" }
        let databases = try paths.map { try SQLiteDatabase(path: $0, name: "test") }
        defer { for database in databases { database.close() } }
        for database in databases {
            try database.write { try $0.send("CREATE TABLE count (n INTEGER NOT NULL) STRICT") }
            try database.write { try $0.send("INSERT INTO count (n) VALUES (0)") }
        }
        let ending = Flag()
        let group = DispatchGroup()
        // Every thread counts in the first, then in the second: at no moment is the second ahead, nor far behind.
        for _ in 0..<4 {
            DispatchQueue.global().async(group: group) {
                while !ending.isSet.withLock({ $0 }) {
                    for database in databases {
                        _ = try? database.write { try $0.change("UPDATE count SET n = n + 1") }
                    }
                }
            }
        }
        for _ in 0..<40 {
            let hold = WriterHold(databases)
            try hold.begin()
            // The wrong way round on purpose: one moment has no order.
            let snapshots = try paths.reversed().map { try SQLiteSnapshot(path: $0) }
            _ = try hold.end()
            let counts = try snapshots.map { try $0.transaction.value("SELECT n FROM count", as: Int64.self) ?? -1 }
            for snapshot in snapshots { snapshot.end() }
            #expect((0...4).contains(counts[1] - counts[0]), "\(counts)")
        }
        ending.isSet.withLock { $0 = true }
        group.wait()
    }

    @Test("Held writers go on by themselves, and what was opened is then not taken for one moment")
    func runsOut() throws {
        let database = try SQLiteDatabase.memory(name: "test")
        defer { database.close() }
        let hold = WriterHold([database], atMost: 0.05)
        try hold.begin()
        // Returns only when the writer goes on.
        try database.write { try $0.send("CREATE TABLE note (n INTEGER) STRICT") }
        #expect(throws: StorageError.self) { _ = try hold.end() }
    }

    @Test("An admin starts one, it shows among the past ones, and the oldest go")
    func fromThePage() async throws {
        let fixture = try await BackupFixture()
        let settings = try await Settings(folder: fixture.data, flags: ["backup-keep": "2"], environment: [:])
        let installation = try Installation(settings, environment: fixture.clock.environment, quickPasswords: true)
        installation.start()
        defer { installation.close() }
        let exchange = installation.exchange
        for number in 1...3 {
            fixture.clock.advance(seconds: 60)
            #expect(
                try await ask(exchange, "POST", "/api/backups", key: "b\(number)").status
                    == 202)
            try await records(exchange, count: number)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: fixture.data + "/backups").sorted()
        #expect(names.count == 2)
        let page = try await ask(exchange, "GET", "/backups")
        #expect(page.status == 200)
        #expect(names.allSatisfy { page.text.contains($0) })
        let last = try #require(names.last)
        _ = try await fixture.restore(from: fixture.data + "/backups/" + last)
        #expect(try await fixture.tasks(in: fixture.target) == 20)
    }

    @Test("With an hour set, one is made each day, a missed one at the start")
    func schedule() async throws {
        let fixture = try await BackupFixture()
        let settings = try await Settings(folder: fixture.data, flags: ["backup-at": "3"], environment: [:])
        for day in 1...2 {
            for _ in 0..<2 {
                let installation = try Installation(
                    settings, environment: fixture.clock.environment, quickPasswords: true)
                installation.start()
                defer { installation.close() }
                // The second start of the same day makes none.
                try await records(installation.exchange, count: day)
            }
            fixture.clock.advance(seconds: 86_400)
        }
        let made = try BackupRecords(folder: fixture.data).latest(10)
        #expect(made.map(\.by) == ["schedule", "schedule"])
        #expect(made.allSatisfy { $0.error == nil })
    }

    @Test("Wrong settings of backups are named")
    func settings() async throws {
        let fixture = try await BackupFixture()
        for (name, value) in [("backup-at", "25"), ("backup-at", "noon"), ("backup-keep", "0")] {
            let settings = try await Settings(folder: fixture.data, flags: [name: value], environment: [:])
            let failure = #expect(throws: Failure.self) {
                _ = try Installation(settings, environment: fixture.clock.environment)
            }
            #expect(failure?.description.contains(name) == true)
        }
    }

    private func ask(
        _ exchange: Exchange, _ method: String, _ target: String, key: String? = nil
    ) async throws -> WebResponse {
        try await Aside.run { try exchange.respondLocally(method, target, body: [], type: nil, key: key) }
    }

    private func records(_ exchange: Exchange, count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let list = try await ask(exchange, "GET", "/api/backups").json().list
            if list.count >= count {
                #expect(list.count == count)
                return
            }
            await Task.yield()
        }
        let answer = try await ask(exchange, "GET", "/api/backups")
        Issue.record("no backup number \(count) within 30 seconds: \(answer.status) \(answer.text)")
    }
}
