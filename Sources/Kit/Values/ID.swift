import Crypto

/// A 128-bit identifier, written as a lower-case UUID.
///
/// New ones are UUIDv7 (RFC 9562: 48 bits of Unix milliseconds, then randomness), so that rows keyed by id are written
/// in time order. They come from ``Environment/newID`` and are made before the first write.
package struct ID: Hashable, Sendable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The UUIDv7 for a moment. `random` gives 80 bits, of which 74 are used.
    package init(milliseconds: Int64, random: (UInt64, UInt64)) {
        let time = UInt64(bitPattern: milliseconds) & 0xFFFF_FFFF_FFFF
        high = time << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// Sixteen bytes, most significant first; `nil` for any other count. Not generic: every row of every table comes
    /// through here, and generics are not specialized across modules.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        let (high, low) = bytes.withUnsafeBytes {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    /// Sixteen bytes, most significant first.
    package var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
            for index in 0..<8 {
                buffer[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
                buffer[index + 8] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
            }
            count = 16
        }
    }

    /// Passes the sixteen bytes to `body`, most significant first, without allocating an array.
    package func withBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// The id of an effect of this one; the same name always gives the same id. So an effect with a derived id can be
    /// repeated after a crash without happening twice. It is a UUIDv8 of SHA-256(id, name). It keeps the 48 bits of
    /// time, so that derived ids are still written in time order.
    package func derived(_ name: String) -> ID {
        var hash = SHA256()
        hash.update(data: bytes)
        hash.update(data: Array(name.utf8))
        let digest = Array(hash.finalize())
        var upper: UInt64 = 0
        var lower: UInt64 = 0
        for index in 0..<8 {
            upper = upper << 8 | UInt64(digest[index])
            lower = lower << 8 | UInt64(digest[index + 8])
        }
        return ID(
            high: high & 0xFFFF_FFFF_FFFF_0000 | 0x8000 | upper & 0x0FFF,
            low: 0x8000_0000_0000_0000 | lower & 0x3FFF_FFFF_FFFF_FFFF)
    }

    /// Which of `count` partitions the id belongs to; this never changes. It uses the low half, which is random in both
    /// v7 and derived ids.
    package func partition(of count: Int) -> Int {
        Int(low % UInt64(count))
    }
}

extension ID: Comparable {
    package static func < (left: ID, right: ID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ID: LosslessStringConvertible {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The usual 36 characters, in either case; `nil` for anything else.
    package init?(_ text: String) {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var nibbles = 0
        var position = 0
        for byte in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                let nibble: UInt8
                switch byte {
                case 0x30...0x39: nibble = byte - 0x30
                case 0x61...0x66: nibble = byte - 0x61 + 10
                case 0x41...0x46: nibble = byte - 0x41 + 10
                default: return nil
                }
                if nibbles < 16 { high = high << 4 | UInt64(nibble) } else { low = low << 4 | UInt64(nibble) }
                nibbles += 1
            }
            position += 1
            if position > 36 { return nil }
        }
        guard position == 36 else { return nil }
        self.init(high: high, low: low)
    }

    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var out = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    buffer[out] = UInt8(ascii: "-")
                    out += 1
                }
                let half = nibble < 16 ? high : low
                buffer[out] = ID.digits[Int(half >> UInt64(60 - 4 * (nibble & 15)) & 0xF)]
                out += 1
            }
            return 36
        }
    }
}

extension ID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let id = ID(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a UUID")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
