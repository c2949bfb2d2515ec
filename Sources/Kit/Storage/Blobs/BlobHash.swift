import Crypto
import Values

/// The SHA-256 of a blob's bytes. It is the blob's only name: rows that name a blob hold its hash. Written as 64
/// lower-case hexadecimal digits.
package struct BlobHash: Hashable, Sendable {
    /// Thirty-two bytes.
    package let bytes: [UInt8]

    /// `nil` for any other count of bytes than 32.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The hash of these bytes.
    package init(of bytes: [UInt8]) {
        self.bytes = Array(SHA256.hash(data: bytes))
    }

    /// The hash of what was given to `hash`.
    init(_ hash: SHA256) {
        bytes = Array(hash.finalize())
    }
}

extension BlobHash: Comparable {
    package static func < (left: BlobHash, right: BlobHash) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension BlobHash: LosslessStringConvertible {
    /// `nil` for anything but 64 lower-case digits, because a hash has only one spelling.
    package init?(_ text: String) {
        guard !text.utf8.contains(where: { (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0) }),
            let bytes = Hexadecimal.bytes(text)
        else { return nil }
        self.init(bytes: bytes)
    }

    package var description: String { Hexadecimal.text(bytes) }
}

/// Stored as 32 bytes.
extension BlobHash: Storable {
    package var stored: Value { bytes.stored }
    package static func restored(from value: Value) throws -> BlobHash {
        let bytes = try [UInt8].restored(from: value)
        guard let hash = BlobHash(bytes: bytes) else {
            throw StorageError.decoding("a column held \(bytes.count) bytes, and a blob's hash was asked for")
        }
        return hash
    }
}
