extension CBOR {
    /// Reads exactly one value (RFC 8949 §3).
    package init(_ bytes: [UInt8]) throws(Fault) {
        let (value, length) = try CBOR.beginning(of: bytes[...])
        guard length == bytes.count else { throw .trailing }
        self = value
    }

    /// Reads the value with which the bytes begin, and says how many of them it took: a CBOR sequence's first item (RFC
    /// 8742), such as the key in attested credential data (WebAuthn §6.5.1).
    package static func beginning(of bytes: ArraySlice<UInt8>) throws(Fault) -> (value: CBOR, length: Int) {
        var decoder = Decoder(rest: bytes)
        let value = try decoder.value(depth: 0)
        return (value, bytes.count - decoder.rest.count)
    }

    private struct Decoder {
        /// What has not been read.
        var rest: ArraySlice<UInt8>

        mutating func take(_ count: Int) throws(Fault) -> ArraySlice<UInt8> {
            guard count <= rest.count else { throw .cut }
            let taken = rest.prefix(count)
            rest = rest.dropFirst(count)
            return taken
        }

        mutating func byte() throws(Fault) -> UInt8 {
            guard let byte = rest.popFirst() else { throw .cut }
            return byte
        }

        mutating func value(depth: Int) throws(Fault) -> CBOR {
            let first = try byte()
            let (major, info) = (first >> 5, first & 31)
            if major == 7 { return try Decoder.simple(info, &self) }
            // A tag has no indefinite length, and an integer none either: RFC 8949 §3 says that these are malformed.
            guard info != 31 else { throw (2...5).contains(major) ? .indefinite : .reserved }
            let argument = try argument(info)
            switch major {
            case 0: return .unsigned(argument)
            case 1: return .negative(argument)
            case 2: return .bytes(Array(try take(length(argument))))
            case 3:
                guard let text = String(validating: try take(length(argument)), as: UTF8.self) else { throw .notUTF8 }
                return .text(text)
            case 4: return try array(argument, depth: depth)
            case 5: return try map(argument, depth: depth)
            default: throw .unsupported
            }
        }

        /// The number that follows the first byte, or stands in it (RFC 8949 §3).
        private mutating func argument(_ info: UInt8) throws(Fault) -> UInt64 {
            guard info > 23 else { return UInt64(info) }
            guard info < 28 else { throw .reserved }
            let size = 1 << Int(info - 24)
            let value = try take(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let least: UInt64 = size == 1 ? 24 : 1 << UInt64(size * 4)
            guard value >= least else { throw .notShortest }
            return value
        }

        /// A length in bytes that are there.
        private func length(_ argument: UInt64) throws(Fault) -> Int {
            guard let length = Int(exactly: argument), length <= rest.count else { throw .cut }
            return length
        }

        private mutating func array(_ argument: UInt64, depth: Int) throws(Fault) -> CBOR {
            guard depth < CBOR.deepest else { throw .tooDeep }
            // Each item takes a byte at least.
            let count = try length(argument)
            var items: [CBOR] = []
            for _ in 0..<count { items.append(try value(depth: depth + 1)) }
            return .array(items)
        }

        private mutating func map(_ argument: UInt64, depth: Int) throws(Fault) -> CBOR {
            guard depth < CBOR.deepest else { throw .tooDeep }
            // Each member takes two bytes at least.
            let count = try length(argument)
            guard count <= rest.count / 2 else { throw .cut }
            var members: [Member] = []
            var keys: Set<Key> = []
            for _ in 0..<count {
                let key = try key()
                guard keys.insert(key).inserted else { throw .duplicateKey }
                members.append(Member(key: key, value: try value(depth: depth + 1)))
            }
            return .map(members)
        }

        private mutating func key() throws(Fault) -> Key {
            // Looked at first: what can't be a key is not decoded.
            guard let first = rest.first else { throw .cut }
            guard [0, 1, 3].contains(first >> 5) else { throw .keyKind }
            switch try value(depth: CBOR.deepest) {
            case .unsigned(let value): return .unsigned(value)
            case .negative(let value): return .negative(value)
            case .text(let text): return .text(text)
            default: throw .keyKind
            }
        }

        /// Major type 7 (RFC 8949 §3.3).
        private static func simple(_ info: UInt8, _ decoder: inout Decoder) throws(Fault) -> CBOR {
            switch info {
            case 20: return .boolean(false)
            case 21: return .boolean(true)
            case 22: return .null
            case 24:
                // Values below 32 have no form of two bytes.
                throw try decoder.byte() < 32 ? .reserved : .unsupported
            case 28...30: throw .reserved
            case 31: throw .indefinite
            default: throw .unsupported
            }
        }
    }
}
