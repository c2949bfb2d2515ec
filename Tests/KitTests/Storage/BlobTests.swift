import BlobsDriver
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Values

/// Hashes, what a crash leaves in tables, and the job that sweeps.
@Suite("Blobs: hashes and the sweep")
struct BlobTests {
    struct Broken: Error {}

    static let day: Int64 = 86_400

    @Test("A hash is written as 64 lower-case digits, and stored as 32 bytes")
    func hash() throws {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let hash = try #require(BlobHash(text))
        #expect(hash == BlobHash(of: Array("abc".utf8)))
        #expect(hash.description == text)
        #expect(hash.stored == .blob(hash.bytes))
        #expect(try BlobHash.restored(from: hash.stored) == hash)
        #expect(throws: StorageError.self) { try BlobHash.restored(from: .blob([1, 2, 3])) }
        #expect(throws: StorageError.self) { try BlobHash.restored(from: .text(text)) }
        #expect(BlobHash(bytes: Array(hash.bytes.dropLast())) == nil)
    }

    @Test(
        "A name that is no hash is none",
        arguments: [
            "", "ba7816bf", "../../../../etc/passwd", String(repeating: "a", count: 63),
            String(repeating: "a", count: 65), String(repeating: "A", count: 64), String(repeating: "g", count: 64),
            String(repeating: "a", count: 63) + "\u{0}", String(repeating: "a", count: 63) + "\u{301}",
            String(repeating: "\u{661}", count: 64), String(repeating: "a", count: 62) + "/.",
            " " + String(repeating: "a", count: 63),
        ])
    func foreignNames(text: String) {
        #expect(BlobHash(text) == nil)
    }

    @Test("What a crash leaves in tables is discarded after a day, pieces and all")
    func left() throws {
        let clock = SteppedClock()
        let database = try SQLiteDatabase.inline(name: "test")
        let blobs = try TableBlobs(database, environment: clock.environment)
        let kept = try blobs.put([1, 2, 3])
        let left = clock.environment.newID()
        try database.run(
            "INSERT INTO blob_upload (content) VALUES (\(left))",
            "INSERT INTO blob_piece (content, number, bytes) VALUES (\(left), 0, x'00')")
        clock.advance(seconds: Self.day)
        #expect(try blobs.discardUnfinished(begunBefore: clock.now.adding(seconds: -Self.day)) == 0)
        clock.advance(seconds: 1)
        #expect(try blobs.discardUnfinished(begunBefore: clock.now.adding(seconds: -Self.day)) == 1)
        #expect(try database.number("SELECT COUNT(*) FROM blob_piece") == 1)
        #expect(try database.number("SELECT COUNT(*) FROM blob_upload") == 0)
        #expect(try blobs.check(kept.hash) == .whole)
    }

    @Test("Bytes that take the place of the same bytes leave no pieces behind")
    func replaced() throws {
        let clock = SteppedClock()
        let database = try SQLiteDatabase.inline(name: "test")
        let blobs = try TableBlobs(database, environment: clock.environment)
        for _ in 0..<3 { _ = try blobs.put([UInt8](repeating: 1, count: 300_000)) }
        #expect(try database.number("SELECT COUNT(*) FROM blob_piece") == 2)
        clock.advance(seconds: 1)
        #expect(try blobs.delete(BlobHash(of: [UInt8](repeating: 1, count: 300_000)), putBefore: clock.now))
        #expect(try database.number("SELECT COUNT(*) FROM blob_piece") == 0)
    }

    /// A service's database, whose rows name blobs.
    private static func photos() throws -> SQLiteDatabase {
        let database = try SQLiteDatabase.inline(name: "test")
        try database.run("CREATE TABLE photo (hash BLOB PRIMARY KEY) STRICT")
        return database
    }

    private static func sweep(_ blobs: any Blobs) -> BlobSweep {
        BlobSweep(blobs) { hashes, transaction in
            let rows = try transaction.fetch(in: hashes) { "SELECT hash FROM photo WHERE hash IN (\(list: $0))" }
            return Set(try rows.map { try $0(0) })
        }
    }

    @Test("The job goes on page by page, keeps what rows name, and then begins anew")
    func job() throws {
        let clock = SteppedClock()
        let database = try Self.photos()
        let blobs = MemoryBlobs(environment: clock.environment)
        var named: Set<BlobHash> = []
        for number in 0..<BlobSweep.pageLength * 2 + 10 {
            let hash = try blobs.put(Array("\(number)".utf8)).hash
            guard number.isMultiple(of: 3) else { continue }
            named.insert(hash)
            try database.run("INSERT INTO photo (hash) VALUES (\(hash))")
        }
        clock.advance(seconds: Self.day + 1)
        let young = try blobs.put(Array("young".utf8)).hash
        let job = Self.sweep(blobs).job
        var steps = 1
        while case .more = try job.step(database, clock.environment) { steps += 1 }
        #expect(steps == 3)
        #expect(Set(try blobs.list(after: nil, limit: 1000).map(\.hash)) == named.union([young]))
        try database.run("DELETE FROM photo")
        while case .more = try job.step(database, clock.environment) {}
        #expect(try blobs.list(after: nil, limit: 1000).map(\.hash) == [young])
    }

    @Test("A clock that was set deletes nothing for an hour")
    func clock() throws {
        let clock = SteppedClock()
        let database = try Self.photos()
        let blobs = MemoryBlobs(environment: clock.environment)
        let hash = try blobs.put([1]).hash
        clock.advance(seconds: 7_200)
        let job = Self.sweep(blobs).job
        let right = clock.now
        clock.set(right.adding(seconds: 10 * Self.day))
        guard case .idle = try job.step(database, clock.environment) else {
            Issue.record("it has more to do")
            return
        }
        #expect(try blobs.find(hash) != nil)
        clock.set(right)
        clock.advance(seconds: 2 * Self.day)
        _ = try job.step(database, clock.environment)
        clock.advance(seconds: 3_600)
        _ = try job.step(database, clock.environment)
        #expect(try blobs.find(hash) == nil)
    }

    @Test("A blob whose answer was lost, so that nothing names it, is swept; one that was not kept is not there")
    func faults() throws {
        let clock = SteppedClock()
        let database = try Self.photos()
        let faults = FaultSwitch()
        let blobs = MemoryBlobs(environment: clock.environment, faults: { try faults.call($0) })
        faults.set { if $0 == .beforeCommit { throw Broken() } }
        #expect(throws: Broken.self) { try blobs.put([1]) }
        #expect(try blobs.list(after: nil, limit: 10).isEmpty)
        faults.set { if $0 == .afterCommit { throw Broken() } }
        #expect(throws: Broken.self) { try blobs.put([1]) }
        #expect(try blobs.list(after: nil, limit: 10).count == 1)
        faults.set(nil)
        clock.advance(seconds: Self.day + 1)
        _ = try Self.sweep(blobs).job.step(database, clock.environment)
        #expect(try blobs.list(after: nil, limit: 10).isEmpty)
    }
}
