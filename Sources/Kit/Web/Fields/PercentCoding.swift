import Values

/// Percent-encoding, as in paths, queries and forms.
package enum PercentCoding {
    /// `nil` for a broken escape or text that is not UTF-8.
    package static func decode(_ text: some StringProtocol, plusIsSpace: Bool) -> String? {
        guard text.utf8.contains(where: { $0 == 0x25 || $0 == 0x2B }) else { return String(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == 0x25 {
                guard let high = rest.next().flatMap(nibble), let low = rest.next().flatMap(nibble) else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Escapes everything but letters, digits and `-._~`.
    package static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                bytes.append(byte)
            default:
                bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// Names and values from a query or an urlencoded body, in order.
package struct NamedValues: Sendable {
    package private(set) var pairs: [(name: String, value: String)] = []

    /// The maximum number of values.
    private static let most = 1000

    /// - Throws: a 400 problem for broken escapes, bytes that are not UTF-8, NUL, or more than 1,000 values.
    package init(_ text: some StringProtocol) throws {
        // Pair by pair, so that a refused body costs nothing beyond the thousandth pair.
        var rest = String(text).utf8[...]
        while !rest.isEmpty {
            let part = rest.prefix { $0 != UInt8(ascii: "&") }
            rest = rest[part.endIndex...].dropFirst()
            guard !part.isEmpty else { continue }
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            let value = part[name.endIndex...].dropFirst()
            guard pairs.count < NamedValues.most,
                let name = PercentCoding.decode(Substring(name), plusIsSpace: true),
                let value = PercentCoding.decode(Substring(value), plusIsSpace: true),
                !name.utf8.contains(0), !value.utf8.contains(0)
            else { throw Problem(400, "web.encoding") }
            pairs.append((name, value))
        }
    }

    /// The last value of each name.
    package var last: [String: String] {
        Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
    }
}
