import Storage
import Values

/// Blobs in tables, for several machines without a folder in common: each blob in pieces, a row each. The tables have a
/// database of their own, on PostgreSQL; so a service's writers do not wait behind photos, and its dumps stay small.
///
/// A blob is sent in many short transactions, so that a slow sender holds none open. Its pieces belong to a **content**,
/// which stands in `blob_upload` until the last transaction gives it its hash.
package final class TableBlobs: Blobs {
    private static let migrations = [
        Migration(
            1, "blobs",
            [
                """
                CREATE TABLE blob (hash BLOB PRIMARY KEY, content BLOB NOT NULL, length INTEGER NOT NULL,
                put_at INTEGER NOT NULL) STRICT, WITHOUT ROWID
                """,
                """
                CREATE TABLE blob_piece (content BLOB NOT NULL, number INTEGER NOT NULL, bytes BLOB NOT NULL,
                PRIMARY KEY (content, number)) STRICT
                """,
                "CREATE TABLE blob_upload (content BLOB PRIMARY KEY) STRICT, WITHOUT ROWID",
            ],
            // Compressing what is compressed already, as photos are, only costs time.
            only: [.postgresql: ["ALTER TABLE blob_piece ALTER COLUMN bytes SET STORAGE EXTERNAL"]])
    ]

    /// How many unfinished contents are discarded at a time.
    private static let mostDiscarded = 1000

    private let database: any Database
    private let environment: Environment

    /// - Parameter database: has nothing else in it, and reads that see every commit: no replica.
    /// - Throws: `StorageError` if its tables cannot be made.
    package init(_ database: any Database, environment: Environment) throws {
        self.database = database
        self.environment = environment
        try database.migrate(TableBlobs.migrations, now: environment.now())
    }

    package func put(atMost limit: Int64, _ next: () throws -> [UInt8]?) throws -> Blob {
        let content = environment.newID()
        try database.write { transaction in
            try transaction.send("INSERT INTO blob_upload (content) VALUES (\(content))")
        }
        do {
            let blob = try store(content, limit, next).blob(putAt: environment.now())
            try finish(content, as: blob)
            return blob
        } catch {
            // Does nothing if it was finished and only the answer was lost.
            _ = try? database.write { transaction in try TableBlobs.discard(content, in: transaction) }
            throw error
        }
    }

    package func renew(_ hash: BlobHash) throws -> Blob? {
        let now = environment.now()
        return try database.write { transaction in
            let row = try transaction.fetchOne(
                "UPDATE blob SET put_at = \(now) WHERE hash = \(hash) RETURNING hash, length, put_at")
            return try row.map(TableBlobs.blob)
        }
    }

    package func find(_ hash: BlobHash) throws -> Blob? {
        try database.read { transaction in
            let row = try transaction.fetchOne("SELECT hash, length, put_at FROM blob WHERE hash = \(hash)")
            return try row.map(TableBlobs.blob)
        }
    }

    package func read(_ hash: BlobHash, _ range: Range<Int64>) throws -> [UInt8]? {
        let range = range.clamped(to: 0..<Int64.max)
        return try database.read { transaction -> [UInt8]? in
            let content = try transaction.value("SELECT content FROM blob WHERE hash = \(hash)", as: ID.self)
            guard let content else { return nil }
            guard !range.isEmpty else { return [] }
            let first = range.lowerBound / Blob.pieceLength
            let last = (range.upperBound - 1) / Blob.pieceLength
            let rows = try transaction.fetch(
                """
                SELECT number, bytes FROM blob_piece
                WHERE content = \(content) AND number >= \(first) AND number <= \(last) ORDER BY number
                """)
            return try TableBlobs.joined(rows, range)
        }
    }

    package func list(after hash: BlobHash?, limit: Int) throws -> [Blob] {
        let start = hash?.bytes ?? []
        return try database.read { transaction in
            let rows = try transaction.fetch(
                "SELECT hash, length, put_at FROM blob WHERE hash > \(start) ORDER BY hash LIMIT \(limit)")
            return try rows.map(TableBlobs.blob)
        }
    }

    @discardableResult
    package func delete(_ hash: BlobHash, putBefore time: Instant) throws -> Bool {
        try database.write { transaction -> Bool in
            let content = try transaction.value(
                "DELETE FROM blob WHERE hash = \(hash) AND put_at < \(time) RETURNING content", as: ID.self)
            guard let content else { return false }
            try transaction.send("DELETE FROM blob_piece WHERE content = \(content)")
            return true
        }
    }

    @discardableResult
    package func discardUnfinished(begunBefore time: Instant) throws -> Int {
        // A content's id begins with the time.
        let first = ID(milliseconds: time.milliseconds, random: (0, 0))
        let old: [ID] = try database.read { transaction in
            let rows = try transaction.fetch(
                """
                SELECT content FROM blob_upload WHERE content < \(first)
                ORDER BY content LIMIT \(TableBlobs.mostDiscarded)
                """)
            return try rows.map { try $0(0) }
        }
        for content in old {
            try database.write { transaction in try TableBlobs.discard(content, in: transaction) }
        }
        return old.count
    }

    // MARK: Putting

    /// Stores what `next` gives in pieces of one length; the last may be shorter.
    private func store(_ content: ID, _ limit: Int64, _ next: () throws -> [UInt8]?) throws -> BlobIntake {
        let length = Int(Blob.pieceLength)
        var intake = BlobIntake(limit: limit)
        var buffer: [UInt8] = []
        var number = 0
        while let piece = try next() {
            try intake.take(piece)
            buffer += piece
            var start = 0
            while buffer.count - start >= length {
                try store(Array(buffer[start..<start + length]), number, of: content)
                start += length
                number += 1
            }
            buffer.removeFirst(start)
        }
        if !buffer.isEmpty { try store(buffer, number, of: content) }
        return intake
    }

    private func store(_ bytes: [UInt8], _ number: Int, of content: ID) throws {
        try database.write { transaction in
            // Shared, so that it is not discarded until this piece is one of those that are.
            let upload = try transaction.fetchSharing("SELECT content FROM blob_upload WHERE content = \(content)")
            guard !upload.isEmpty else { throw TableBlobs.discarded }
            try transaction.send(
                "INSERT INTO blob_piece (content, number, bytes) VALUES (\(content), \(number), \(bytes))")
        }
    }

    private func finish(_ content: ID, as blob: Blob) throws {
        try database.write { transaction in
            if transaction.dialect == .postgresql {
                // In turn, so that of two that put the same bytes the second sees the content of the first.
                _ = try transaction.fetch("SELECT pg_advisory_xact_lock(7002)")
            }
            let ended = try transaction.change("DELETE FROM blob_upload WHERE content = \(content)")
            guard ended == 1 else { throw TableBlobs.discarded }
            let replaced = try transaction.value("SELECT content FROM blob WHERE hash = \(blob.hash)", as: ID.self)
            try transaction.send(
                """
                INSERT INTO blob (hash, content, length, put_at)
                VALUES (\(blob.hash), \(content), \(blob.length), \(blob.putAt))
                ON CONFLICT (hash) DO UPDATE
                SET content = excluded.content, length = excluded.length, put_at = excluded.put_at
                """)
            if let replaced { try transaction.send("DELETE FROM blob_piece WHERE content = \(replaced)") }
        }
    }

    private static let discarded = StorageError.unavailable("the bytes were sent for more than a day; send them again")

    /// Removes a content that is unfinished; leaves one that is finished.
    private static func discard(_ content: ID, in transaction: any Transaction) throws {
        guard try transaction.change("DELETE FROM blob_upload WHERE content = \(content)") == 1 else { return }
        try transaction.send("DELETE FROM blob_piece WHERE content = \(content)")
    }

    // MARK: Reading

    private static func blob(_ row: Row) throws -> Blob {
        Blob(hash: try row(0), length: try row(1), putAt: try row(2))
    }

    /// The bytes of the range, up to the first that is missing.
    private static func joined(_ rows: [Row], _ range: Range<Int64>) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var next = range.lowerBound
        for row in rows {
            let number: Int64 = try row(0)
            let piece: [UInt8] = try row(1)
            let start = number * Blob.pieceLength
            let end = min(start + Int64(piece.count), range.upperBound)
            guard start <= next, next < end else { break }
            bytes += piece[Int(next - start)..<Int(end - start)]
            next = end
        }
        return bytes
    }
}
