import Values

/// One service's blobs: bytes that are too many for a row, such as photos. They are kept outside of its database under
/// their SHA-256, so the same bytes are kept once, and are never changed.
///
/// A blob stays while a row of the service names it. No transaction spans both, so there is an order:
///
/// 1. Put the blob, outside of any transaction.
/// 2. Name it in a transaction, within a day.
///
/// Whoever names a blob without putting it, such as one that was put before the form came, calls ``renew(_:)`` instead.
/// To drop a blob, drop its name. The sweep (``sweep(after:limit:putBefore:named:)``) deletes what no row names and
/// nobody has put or renewed for a day.
///
/// Several processes may work on the same blobs. The calls block: use them only on threads that we own, never in a
/// task, nor within a transaction.
package protocol Blobs: Sendable {
    /// Keeps the bytes that `next` gives in pieces of any length, up to its `nil`. Returns when they are durable. Bytes
    /// that are there already are replaced, which mends them if they were damaged.
    ///
    /// - Throws: ``BlobTooLarge`` at the first piece that goes beyond `limit`; what `next` throws; `StorageError`.
    ///   After a `StorageError` the bytes may have been kept all the same.
    @available(*, noasync)
    func put(atMost limit: Int64, _ next: () throws -> [UInt8]?) throws -> Blob

    /// Makes the blob as if it had been put now, and durable like that; `nil` if it is not there.
    @available(*, noasync)
    func renew(_ hash: BlobHash) throws -> Blob?

    /// The blob without its bytes; `nil` if it is not there.
    @available(*, noasync)
    func find(_ hash: BlobHash) throws -> Blob?

    /// The bytes of a range, as far as it lies in the blob; `nil` if the blob is not there. Whether they are damaged
    /// shows only in all of them: ``bytes(of:)``, ``check(_:)``.
    @available(*, noasync)
    func read(_ hash: BlobHash, _ range: Range<Int64>) throws -> [UInt8]?

    /// The first blobs after `hash`, or of all, in the order of their hashes.
    @available(*, noasync)
    func list(after hash: BlobHash?, limit: Int) throws -> [Blob]

    /// Deletes the blob if it was last put or renewed before `time`; a `put` or `renew` at the same moment comes before
    /// or after this, never in between. Returns whether it was deleted. Only the sweep can know that no row names it.
    @available(*, noasync)
    @discardableResult
    func delete(_ hash: BlobHash, putBefore time: Instant) throws -> Bool

    /// Removes what was left of puts that began before `time` and never ended, because their process died. One that
    /// still goes on fails then. Returns how many there were.
    @available(*, noasync)
    @discardableResult
    func discardUnfinished(begunBefore time: Instant) throws -> Int
}

extension Blobs {
    /// Keeps bytes that are in memory.
    @available(*, noasync)
    package func put(_ bytes: [UInt8]) throws -> Blob {
        var rest: [UInt8]? = bytes
        return try put(atMost: Int64(bytes.count)) {
            defer { rest = nil }
            return rest
        }
    }

    /// All bytes of a blob that is small enough for the memory; `nil` if it is not there.
    /// - Throws: `StorageError.corrupt` if they do not have their hash any more.
    @available(*, noasync)
    package func bytes(of hash: BlobHash) throws -> [UInt8]? {
        guard let blob = try find(hash), let bytes = try read(hash, 0..<blob.length) else { return nil }
        guard BlobHash(of: bytes) == hash else { throw StorageError.corrupt("the blob \(hash)") }
        return bytes
    }

    /// Reads all bytes, a piece at a time, and compares their hash.
    @available(*, noasync)
    package func check(_ hash: BlobHash) throws -> BlobState {
        guard let blob = try find(hash) else { return .missing }
        var intake = BlobIntake(limit: .max)
        while true {
            let piece = try read(hash, intake.length..<intake.length + Blob.pieceLength)
            guard let piece else { return .missing }
            guard !piece.isEmpty else { break }
            try intake.take(piece)
        }
        return intake.blob(putAt: blob.putAt) == blob ? .whole : .damaged
    }

    /// Sweeps one page of the list: deletes blobs that were put before `time` and that no row names.
    ///
    /// - Parameter named: returns those of these hashes that rows name, read in a transaction that begins when it is
    ///   called. The order makes it safe: a blob that is named too late for that transaction was put or renewed
    ///   after `time`, which the deletion looks at once more.
    /// - Returns: after which hash the next page begins; `nil` if this was the last.
    @available(*, noasync)
    package func sweep(
        after hash: BlobHash?, limit: Int, putBefore time: Instant, named: ([BlobHash]) throws -> Set<BlobHash>
    ) throws -> BlobHash? {
        let page = try list(after: hash, limit: limit)
        let old = page.filter { $0.putAt < time }.map(\.hash)
        if !old.isEmpty {
            let kept = try named(old)
            for hash in old where !kept.contains(hash) { try delete(hash, putBefore: time) }
        }
        return page.count == limit ? page.last?.hash : nil
    }
}
