import Storage
import Values

extension BlobConformance {
    private struct Broken: Error {}

    static let hostile: [Check] = [
        Check("More than is allowed is refused at the first piece that is too long, and leaves nothing") { store in
            let bytes = sample(1000)
            let limits: [Int64] = [0, 1, 999]
            for limit in limits {
                for size in [1, 100, 1000] {
                    let next = pieces(bytes, of: size)
                    var taken = 0
                    let error = try StorageConformance.failure("limit \(limit)") {
                        _ = try store.blobs.put(atMost: limit) {
                            let piece = next()
                            taken += piece?.count ?? 0
                            return piece
                        }
                    }
                    try expectEqual(error as? BlobTooLarge, BlobTooLarge(limit: limit), "error")
                    try expect(taken <= Int(limit) + size, "\(taken) bytes were taken, \(limit) are allowed")
                }
            }
            try expectEqual(try store.all(), [], "all")
            _ = try store.blobs.put(atMost: 1000, pieces(bytes, of: 100))
            try expectEqual(try store.all().map(\.length), [1000], "lengths")
        },
        Check("A sender that fails half-way leaves nothing, and its error comes out") { store in
            var count = 0
            let error = try StorageConformance.failure("a broken sender") {
                _ = try store.blobs.put(atMost: .max) {
                    count += 1
                    guard count < 4 else { throw Broken() }
                    return sample(200_000)
                }
            }
            try expect(error is Broken, "another error came out: \(error)")
            try expectEqual(try store.all(), [], "all")
            store.clock.advance(seconds: 2 * day)
            try expectEqual(try store.blobs.discardUnfinished(begunBefore: store.clock.now), 0, "unfinished")
        },
        Check("A sender that takes more than a day is cut off, or is let end; no half of it is kept") { store in
            let bytes = sample(700_000)
            let next = pieces(bytes, of: 300_000)
            var (count, discarded) = (0, 0)
            let outcome = Result {
                try store.blobs.put(atMost: .max) {
                    count += 1
                    if count == 3 {
                        store.clock.advance(seconds: 2 * day)
                        discarded = try store.blobs.discardUnfinished(begunBefore: store.clock.now)
                    }
                    return next()
                }
            }
            switch outcome {
            case .success(let blob):
                try expectEqual(discarded, 0, "discarded")
                try expect(try store.blobs.bytes(of: blob.hash) == bytes, "other bytes came back")
            case .failure(let error):
                try expectEqual(discarded, 1, "discarded")
                try expect(error is StorageError, "another error came out: \(error)")
                try expectEqual(try store.all(), [], "all")
            }
            try expectEqual(try store.blobs.discardUnfinished(begunBefore: store.clock.now), 0, "left")
        },
        Check("The same bytes from many at once are one blob") { store in
            let bytes = sample(600_000)
            try StorageConformance.together(6) { number in
                for round in 0..<3 {
                    _ = try store.blobs.put(atMost: .max, pieces(bytes, of: 50_000 * (1 + number + round)))
                }
            }
            let blob = Blob(hash: BlobHash(of: bytes), length: 600_000, putAt: store.clock.now)
            try expectEqual(try store.all(), [blob], "all")
            try expect(try store.blobs.bytes(of: blob.hash) == bytes, "other bytes came back")
        },
        Check("What is cut short beneath is found, and mended by putting it again") { store in
            let bytes = sample(600_000)
            let (hash, other) = (try store.blobs.put(bytes).hash, try store.blobs.put([1]).hash)
            try store.cut(hash)
            try expectEqual(try store.blobs.check(hash), .damaged, "checked")
            try expectEqual(try store.blobs.check(other), .whole, "another")
            let error = try StorageConformance.failure("damaged bytes") { _ = try store.blobs.bytes(of: hash) }
            guard case StorageError.corrupt = error else {
                throw StorageConformance.Unmet(description: "\(error), expected StorageError.corrupt")
            }
            _ = try store.blobs.put(bytes)
            try expectEqual(try store.blobs.check(hash), .whole, "checked after it was put again")
        },
    ]
}
