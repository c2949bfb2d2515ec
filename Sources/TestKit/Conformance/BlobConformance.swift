import Storage
import Values

/// What every `Blobs` must do, wherever it keeps the bytes: named checks, each run on a store of its own.
///
///     @Test(arguments: BlobConformance.checks) func conforms(check: BlobConformance.Check) throws {
///         try check.body(makeEmptyStore())
///     }
package enum BlobConformance {
    /// An empty store to check.
    package struct Store: Sendable {
        let blobs: any Blobs
        let clock: SteppedClock
        let cut: @Sendable (BlobHash) throws -> Void

        /// - Parameters:
        ///   - clock: the one by which the blobs go.
        ///   - cut: takes something away from the stored bytes of a blob that has more than one piece.
        package init(_ blobs: any Blobs, _ clock: SteppedClock, cut: @escaping @Sendable (BlobHash) throws -> Void) {
            self.blobs = blobs
            self.clock = clock
            self.cut = cut
        }

        /// All blobs, read in pages of `limit`.
        func all(limit: Int = 100) throws -> [Blob] {
            var all: [Blob] = []
            while true {
                let page = try blobs.list(after: all.last?.hash, limit: limit)
                all += page
                if page.count < limit { return all }
            }
        }
    }

    package struct Check: Sendable, CustomStringConvertible {
        package let description: String
        package let body: @Sendable (Store) throws -> Void

        init(_ description: String, _ body: @escaping @Sendable (Store) throws -> Void) {
            self.description = description
            self.body = body
        }
    }

    /// All checks.
    package static let checks = keeping + hostile + sweeping

    static let day: Int64 = 86_400

    /// Bytes of which no two stretches are the same.
    static func sample(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
        var generator = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }

    /// Gives out `bytes` in pieces of `size`, then `nil`.
    static func pieces(_ bytes: [UInt8], of size: Int) -> () -> [UInt8]? {
        var rest = bytes[...]
        return {
            guard !rest.isEmpty else { return nil }
            defer { rest = rest.dropFirst(size) }
            return Array(rest.prefix(size))
        }
    }

    static func expect(_ condition: Bool, _ text: String) throws {
        try StorageConformance.expect(condition, text)
    }

    static func expectEqual<T: Equatable>(_ left: T, _ right: T, _ text: String) throws {
        try StorageConformance.expectEqual(left, right, text)
    }

    private static let keeping: [Check] = [
        Check("What is put comes back, in whatever pieces it came") { store in
            let piece = Int(Blob.pieceLength)
            let long = piece * 3 + 7
            let cases: [(count: Int, size: Int)] = [
                (0, 1), (1, 1), (16, 5), (32, 32), (1000, 1), (piece - 1, piece), (piece, piece), (piece, 1000),
                (piece + 1, long), (long, 100_000), (long, long + 1),
            ]
            for (count, size) in cases {
                let bytes = sample(count)
                let blob = try store.blobs.put(atMost: Int64(count), pieces(bytes, of: size))
                let expected = Blob(hash: BlobHash(of: bytes), length: Int64(count), putAt: store.clock.now)
                try expectEqual(blob, expected, "\(count) bytes, put")
                try expectEqual(try store.blobs.find(blob.hash), expected, "\(count) bytes, found")
                try expect(try store.blobs.bytes(of: blob.hash) == bytes, "other bytes came back for \(count)")
                try expectEqual(try store.blobs.check(blob.hash), .whole, "\(count) bytes, checked")
            }
        },
        Check("A piece may be empty, and is not the end") { store in
            var pieces: [[UInt8]] = [[], [1, 2], [], [3]]
            let blob = try store.blobs.put(atMost: 3) { pieces.isEmpty ? nil : pieces.removeFirst() }
            try expect(try store.blobs.bytes(of: blob.hash) == [1, 2, 3], "other bytes came back")
        },
        Check("A range gives what lies in it, and nothing beyond either end") { store in
            let piece = Blob.pieceLength
            let bytes = sample(Int(piece) * 2 + 100)
            let end = Int64(bytes.count)
            let hash = try store.blobs.put(bytes).hash
            let (far, near) = (end * 3, end - 1)
            let ranges: [Range<Int64>] = [
                0..<0, 0..<1, 5..<21, 0..<piece, (piece - 1)..<(piece + 1), piece..<(piece * 2), 10..<(piece * 2 + 10),
                near..<end, near..<far, 0..<far, end..<end, end..<far, far..<(far + 5),
                (-5)..<3, (-9)..<(-3),
            ]
            for range in ranges {
                let clamped = range.clamped(to: 0..<end)
                let expected = Array(bytes[Int(clamped.lowerBound)..<Int(clamped.upperBound)])
                try expect(try store.blobs.read(hash, range) == expected, "other bytes came back for \(range)")
            }
            let empty = try store.blobs.put([]).hash
            try expect(try store.blobs.read(empty, 0..<10) == [], "an empty blob has bytes, or is not there")
        },
        Check("What is not there is told, everywhere") { store in
            _ = try store.blobs.put([1])
            let hash = BlobHash(of: [2])
            try expectEqual(try store.blobs.find(hash), nil, "found")
            try expectEqual(try store.blobs.read(hash, 0..<1), nil, "read")
            try expectEqual(try store.blobs.bytes(of: hash), nil, "bytes")
            try expectEqual(try store.blobs.renew(hash), nil, "renewed")
            try expectEqual(try store.blobs.check(hash), .missing, "checked")
            try expectEqual(try store.blobs.delete(hash, putBefore: Instant(milliseconds: .max)), false, "deleted")
            try expectEqual(try store.all().map(\.hash), [BlobHash(of: [1])], "all")
        },
        Check("The same bytes twice are one blob, put the second time") { store in
            let bytes = sample(300_000)
            let first = try store.blobs.put(bytes)
            store.clock.advance(milliseconds: 1_234)
            let second = try store.blobs.put(bytes)
            try expectEqual(second, Blob(hash: first.hash, length: 300_000, putAt: store.clock.now), "second")
            try expectEqual(try store.all(), [second], "all")
            try expectEqual(try store.blobs.check(first.hash), .whole, "checked")
        },
        Check("A list comes in pages, each blob once, in the order of hashes") { store in
            try expectEqual(try store.all(), [], "an empty list")
            var put: [Blob] = []
            for number in 0..<60 {
                store.clock.advance(milliseconds: 10)
                put.append(try store.blobs.put(sample(number, seed: UInt64(number))))
            }
            put.sort { $0.hash < $1.hash }
            for limit in [1, 7, 60, 61] { try expectEqual(try store.all(limit: limit), put, "pages of \(limit)") }
            try expectEqual(try store.blobs.list(after: put[9].hash, limit: 2), Array(put[10..<12]), "a page")
            // A page begins after a hash also if that blob is gone.
            store.clock.advance(seconds: 1)
            try store.blobs.delete(put[9].hash, putBefore: store.clock.now)
            try expectEqual(try store.blobs.list(after: put[9].hash, limit: 2), Array(put[10..<12]), "after a deletion")
        },
        Check("What is deleted is gone, and can be put again") { store in
            let bytes = sample(600_000)
            let hash = try store.blobs.put(bytes).hash
            _ = try store.blobs.put([1])
            store.clock.advance(seconds: 1)
            try expectEqual(try store.blobs.delete(hash, putBefore: store.clock.now), true, "deleted")
            try expectEqual(try store.blobs.delete(hash, putBefore: store.clock.now), false, "deleted again")
            try expectEqual(try store.blobs.find(hash), nil, "found")
            try expectEqual(try store.all().map(\.hash), [BlobHash(of: [1])], "all")
            _ = try store.blobs.put(bytes)
            try expect(try store.blobs.bytes(of: hash) == bytes, "other bytes came back")
        },
    ]
}
