import SQLiteDriver
import Storage
import TestKit
import Testing

/// The conformance suite on every form that the SQLite driver has.
@Suite("Storage: SQLite does what every database must")
struct StorageConformanceTests {
    @Test("In a file, with threads", arguments: StorageConformance.checks)
    func file(check: StorageConformance.Check) throws {
        let folder = try TemporaryFolder()
        try check.run(on: SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test", readers: 2))
    }

    @Test("In a file, each body run twice", arguments: StorageConformance.checks.filter { !$0.countsRuns })
    func fileTwice(check: StorageConformance.Check) throws {
        let folder = try TemporaryFolder()
        try check.run(
            on: RehearsedDatabase(SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test", readers: 2)))
    }

    @Test("In memory", arguments: StorageConformance.checks.filter { !$0.needsConcurrentReads })
    func memory(check: StorageConformance.Check) throws {
        try check.run(on: SQLiteDatabase.memory(name: "test"))
    }

    @Test("Inline, as the simulator has it", arguments: StorageConformance.checks.filter { !$0.needsConcurrentReads })
    func inline(check: StorageConformance.Check) throws {
        try check.run(on: SQLiteDatabase.inline(name: "test"))
    }

    @Test("Inline in a file", arguments: StorageConformance.checks.filter { !$0.needsConcurrentReads })
    func inlineFile(check: StorageConformance.Check) throws {
        let folder = try TemporaryFolder()
        try check.run(on: SQLiteDatabase.inline(name: "test", path: folder.path + "/a.sqlite"))
    }
}
