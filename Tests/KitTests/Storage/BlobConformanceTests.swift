import BlobsDriver
import Foundation
import SQLiteDriver
import Storage
import TestKit
import Testing

extension BlobConformance.Store {
    /// A store in tables, on a database that has nothing else.
    static func tables(_ database: any Database) throws -> BlobConformance.Store {
        let clock = SteppedClock()
        let blobs = try TableBlobs(database, environment: clock.environment)
        return BlobConformance.Store(blobs, clock) { hash in
            try database.run(
                "DELETE FROM blob_piece WHERE number = 1 AND content = (SELECT content FROM blob WHERE hash = \(hash))")
        }
    }
}

/// The conformance suite wherever blobs are kept; on PostgreSQL in `PostgreSQLBlobTests`.
@Suite("Blobs: every store does what it must")
struct BlobConformanceTests {
    @Test("In a folder", arguments: BlobConformance.checks)
    func folder(check: BlobConformance.Check) throws {
        let folder = try TemporaryFolder()
        let clock = SteppedClock()
        let blobs = try FolderBlobs(folder: folder.path + "/blobs", environment: clock.environment)
        try check.body(
            BlobConformance.Store(blobs, clock) { hash in
                let path = BlobFolderTests.path(of: hash, in: folder.path + "/blobs")
                try #require(truncate(path, 300_000) == 0)
            })
    }

    @Test("In memory", arguments: BlobConformance.checks)
    func memory(check: BlobConformance.Check) throws {
        let clock = SteppedClock()
        let blobs = MemoryBlobs(environment: clock.environment)
        try check.body(BlobConformance.Store(blobs, clock) { hash in blobs.damage(hash) { $0.removeLast() } })
    }

    @Test("In tables, inline", arguments: BlobConformance.checks)
    func tables(check: BlobConformance.Check) throws {
        let database = try SQLiteDatabase.inline(name: "test")
        defer { database.close() }
        try check.body(.tables(database))
    }

    @Test("In tables, with threads, each body run twice", arguments: BlobConformance.checks)
    func tablesTwice(check: BlobConformance.Check) throws {
        let folder = try TemporaryFolder()
        let database = RehearsedDatabase(try SQLiteDatabase(path: folder.path + "/a.sqlite", name: "test"))
        defer { database.close() }
        try check.body(.tables(database))
    }
}
