import Storage
import Values

extension BlobConformance {
    /// Sweeps all pages, and returns how many there were.
    @discardableResult
    private static func sweep(
        _ store: Store, limit: Int = 100, named: ([BlobHash]) throws -> Set<BlobHash>
    ) throws -> Int {
        let dayAgo = store.clock.now.adding(seconds: -day)
        var place: BlobHash?
        var pages = 0
        repeat {
            place = try store.blobs.sweep(after: place, limit: limit, putBefore: dayAgo, named: named)
            pages += 1
        } while place != nil
        return pages
    }

    static let sweeping: [Check] = [
        Check("A sweep deletes what is old and has no name, and nothing else") { store in
            let old = try (UInt64(0)..<20).map { try store.blobs.put(sample(50, seed: $0)).hash }
            let named = Set(old.prefix(7))
            store.clock.advance(seconds: day)
            let young = try store.blobs.put([1]).hash
            try sweep(store, limit: 3) { named.intersection($0) }
            try expectEqual(try store.all().count, 21, "blobs after exactly a day")
            store.clock.advance(milliseconds: 1)
            var asked: [BlobHash] = []
            let pages = try sweep(store, limit: 3) { hashes in
                asked += hashes
                return named.intersection(hashes)
            }
            try expectEqual(pages, 8, "pages")
            try expectEqual(asked, old.sorted(), "asked for")
            try expectEqual(Set(try store.all().map(\.hash)), named.union([young]), "left")
            try sweep(store) { _ in [] }
            try expectEqual(try store.all().map(\.hash), [young], "left without names")
        },
        Check("What is renewed stays for another day, and is told as put now") { store in
            let hash = try store.blobs.put([1, 2, 3]).hash
            store.clock.advance(seconds: 2 * day)
            let renewed = try store.blobs.renew(hash)
            try expectEqual(renewed, Blob(hash: hash, length: 3, putAt: store.clock.now), "renewed")
            try expectEqual(try store.blobs.find(hash), renewed, "found")
            try expectEqual(try store.blobs.delete(hash, putBefore: store.clock.now), false, "deleted")
            try sweep(store) { _ in [] }
            try expectEqual(try store.blobs.check(hash), .whole, "checked")
        },
        Check("What is put again or renewed while it is swept stays") { store in
            let (again, renewed, lost) = (sample(400_000), sample(10), sample(20))
            for bytes in [again, renewed, lost] { _ = try store.blobs.put(bytes) }
            store.clock.advance(seconds: 2 * day)
            try sweep(store) { hashes in
                // Somebody is about to name them: too late for the transaction that is read here.
                try expectEqual(hashes.count, 3, "asked for")
                _ = try store.blobs.put(again)
                _ = try store.blobs.renew(BlobHash(of: renewed))
                return []
            }
            try expectEqual(
                Set(try store.all().map(\.hash)), [BlobHash(of: again), BlobHash(of: renewed)], "left")
            try expect(try store.blobs.bytes(of: BlobHash(of: again)) == again, "other bytes came back")
        },
        Check("Puts and deletions of the same bytes at once: the put one stays") { store in
            let bytes = sample(300_000)
            let hash = BlobHash(of: bytes)
            for _ in 0..<4 {
                _ = try store.blobs.put(bytes)
                store.clock.advance(seconds: 2 * day)
                let now = store.clock.now
                try StorageConformance.together(6) { number in
                    switch number % 3 {
                    case 0:
                        _ = try store.blobs.put(bytes)
                        try expect(try store.blobs.find(hash) != nil, "it was put, and is gone")
                    case 1:
                        let renewed = try store.blobs.renew(hash)
                        let found = try store.blobs.find(hash)
                        try expect(renewed == nil || found != nil, "it was renewed, and is gone")
                    default:
                        try store.blobs.delete(hash, putBefore: now)
                    }
                }
                try expect(try store.blobs.bytes(of: hash) == bytes, "other bytes are there, or none")
            }
        },
    ]
}
