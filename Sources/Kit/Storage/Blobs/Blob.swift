import Crypto
import Values

/// What is known of a blob without its bytes.
package struct Blob: Hashable, Sendable {
    package let hash: BlobHash
    /// How many bytes it has.
    package let length: Int64
    /// When it was last put or renewed.
    package let putAt: Instant

    package init(hash: BlobHash, length: Int64, putAt: Instant) {
        self.hash = hash
        self.length = length
        self.putAt = putAt
    }

    /// What is read, and in tables stored, at a time: so many bytes.
    package static let pieceLength: Int64 = 256 << 10
}

/// Whether stored bytes still have their hash.
package enum BlobState: Sendable, Hashable {
    case whole
    case damaged
    case missing
}

/// More bytes were sent than are allowed. Nothing was kept.
package struct BlobTooLarge: Error, Hashable, Sendable {
    /// How many are allowed.
    package let limit: Int64

    package init(limit: Int64) {
        self.limit = limit
    }
}

/// Counts and hashes the bytes of a blob while a driver puts it.
package struct BlobIntake {
    private let limit: Int64
    private var hash = SHA256()
    package private(set) var length: Int64 = 0

    package init(limit: Int64) {
        self.limit = limit
    }

    /// Call it before the piece is stored.
    /// - Throws: ``BlobTooLarge``.
    package mutating func take(_ piece: [UInt8]) throws {
        guard Int64(piece.count) <= limit - length else { throw BlobTooLarge(limit: limit) }
        hash.update(data: piece)
        length += Int64(piece.count)
    }

    /// What was taken.
    package func blob(putAt time: Instant) -> Blob {
        Blob(hash: BlobHash(hash), length: length, putAt: time)
    }
}
