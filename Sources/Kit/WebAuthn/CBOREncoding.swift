extension CBOR {
    /// The value in its one deterministic form (RFC 8949 §4.2.1): shortest lengths, and members sorted by the bytes of
    /// their keys. For the keys of COSE this is also the canonical form of CTAP2 (§8).
    package var encoded: [UInt8] {
        switch self {
        case .unsigned(let value): return CBOR.head(0, value)
        case .negative(let value): return CBOR.head(1, value)
        case .bytes(let content): return CBOR.head(2, UInt64(content.count)) + content
        case .text(let text): return CBOR.head(3, UInt64(text.utf8.count)) + Array(text.utf8)
        case .array(let items): return CBOR.head(4, UInt64(items.count)) + items.flatMap(\.encoded)
        case .map(let members):
            let pairs = members.map { (key: $0.key.value.encoded, value: $0.value.encoded) }
                .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            return CBOR.head(5, UInt64(members.count)) + pairs.flatMap { $0.key + $0.value }
        case .boolean(let value): return [value ? 0xF5 : 0xF4]
        case .null: return [0xF6]
        }
    }

    /// The first byte with the number that belongs to it (RFC 8949 §3).
    private static func head(_ major: UInt8, _ argument: UInt64) -> [UInt8] {
        let (size, info): (Int, UInt8) =
            switch argument {
            case 0..<24: (0, UInt8(argument))
            case 24..<0x100: (1, 24)
            case 0x100..<0x1_0000: (2, 25)
            case 0x1_0000..<0x1_0000_0000: (4, 26)
            default: (8, 27)
            }
        return [major << 5 | info]
            + (0..<size).reversed().map { UInt8(truncatingIfNeeded: argument >> UInt64($0 * 8)) }
    }
}

extension CBOR.Key {
    fileprivate var value: CBOR {
        switch self {
        case .unsigned(let value): .unsigned(value)
        case .negative(let value): .negative(value)
        case .text(let text): .text(text)
        }
    }
}
