import SQLiteDriver
import Storage
import Synchronization
import Values

/// Blobs in memory: no threads, and the time that the caller gives.
package final class MemoryBlobs: Blobs {
    private struct Kept {
        var bytes: [UInt8]
        var putAt: Instant

        func blob(_ hash: BlobHash) -> Blob {
            Blob(hash: hash, length: Int64(bytes.count), putAt: putAt)
        }
    }

    private let environment: Environment
    private let faults: FaultHook
    private let kept = Mutex<[BlobHash: Kept]>([:])

    /// - Parameter faults: called before and after each change, as before and after a commit.
    package init(environment: Environment, faults: @escaping FaultHook = { _ in }) {
        self.environment = environment
        self.faults = faults
    }

    /// Changes the bytes that are kept under a hash, as a bad disk might.
    package func damage(_ hash: BlobHash, _ change: (inout [UInt8]) -> Void) {
        kept.withLock { kept in
            guard var blob = kept[hash] else { return }
            change(&blob.bytes)
            kept[hash] = blob
        }
    }

    package func put(atMost limit: Int64, _ next: () throws -> [UInt8]?) throws -> Blob {
        var intake = BlobIntake(limit: limit)
        var bytes: [UInt8] = []
        while let piece = try next() {
            try intake.take(piece)
            bytes += piece
        }
        let blob = intake.blob(putAt: environment.now())
        let entry = Kept(bytes: bytes, putAt: blob.putAt)
        try changing { $0[blob.hash] = entry }
        return blob
    }

    package func renew(_ hash: BlobHash) throws -> Blob? {
        let now = environment.now()
        return try changing { kept -> Blob? in
            kept[hash]?.putAt = now
            return kept[hash].map { $0.blob(hash) }
        }
    }

    package func find(_ hash: BlobHash) throws -> Blob? {
        kept.withLock { $0[hash].map { $0.blob(hash) } }
    }

    package func read(_ hash: BlobHash, _ range: Range<Int64>) throws -> [UInt8]? {
        kept.withLock { kept -> [UInt8]? in
            guard let bytes = kept[hash]?.bytes else { return nil }
            let range = range.clamped(to: 0..<Int64(bytes.count))
            return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
        }
    }

    package func list(after hash: BlobHash?, limit: Int) throws -> [Blob] {
        let hashes = kept.withLock { Array($0.keys) }.sorted()
        let page = hashes.drop { name in hash.map { name <= $0 } ?? false }.prefix(limit)
        return try page.compactMap { try find($0) }
    }

    @discardableResult
    package func delete(_ hash: BlobHash, putBefore time: Instant) throws -> Bool {
        try changing { kept -> Bool in
            guard let blob = kept[hash], blob.putAt < time else { return false }
            kept[hash] = nil
            return true
        }
    }

    /// There are none: what dies leaves nothing in memory.
    @discardableResult
    package func discardUnfinished(begunBefore time: Instant) throws -> Int { 0 }

    private func changing<T: Sendable>(_ change: (inout [BlobHash: Kept]) -> T) throws -> T {
        try faults(.beforeCommit)
        let result = kept.withLock { kept in change(&kept) }
        try faults(.afterCommit)
        return result
    }
}
