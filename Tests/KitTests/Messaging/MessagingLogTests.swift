import Foundation
import Messaging
import SQLiteDriver
import Storage
import TestKit
import Testing
import Values

@Suite("Messaging: event logs")
struct MessagingLogTests {
    @Test("The log in memory conforms", arguments: MessagingConformance.checks)
    func memory(check: MessagingConformance.Check) throws {
        try check.body(MemoryEventLog())
    }

    @Test("The SQLite log in memory conforms", arguments: MessagingConformance.checks)
    func sqliteInMemory(check: MessagingConformance.Check) throws {
        let log = try SQLiteEventLog.memory(codes: .trial, now: SteppedClock().now)
        defer { log.close() }
        try check.body(log)
    }

    @Test("The SQLite log in a file conforms", arguments: MessagingConformance.checks)
    func sqliteInFile(check: MessagingConformance.Check) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let log = try SQLiteEventLog(
            path: folder.appending(path: "events.sqlite").path, codes: .trial, now: SteppedClock().now)
        defer { log.close() }
        try check.body(log)
    }

    @Test("The SQLite log conforms where every write runs twice", arguments: MessagingConformance.checks)
    func rehearsed(check: MessagingConformance.Check) throws {
        let log = try SQLiteEventLog(
            RehearsedDatabase(SQLiteDatabase.memory(name: "events")), codes: .trial, now: SteppedClock().now)
        defer { log.close() }
        try check.body(log)
    }

    @Test("X40: a SQLite log that is opened again has what it confirmed, once, and lists the latest first")
    func reopened() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "events.sqlite").path
        let topic = MessagingConformance.topic
        for _ in 0..<2 {
            let log = try SQLiteEventLog(path: path, codes: .trial, now: SteppedClock().now)
            try log.publish(MessagingConformance.envelopes(1...5), to: topic)
            log.close()
        }
        let log = try SQLiteEventLog(path: path, codes: .trial, now: SteppedClock().now)
        defer { log.close() }
        #expect(try log.tail(of: topic, partition: 15) == 5)
    }
}
