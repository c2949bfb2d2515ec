import Values

/// An absolute address of the web as settings and providers write it: `https`, or `http` to this machine. It has no
/// user, no fragment and only characters of RFC 3986, so that every program reads it alike.
package struct WebAddress: Hashable, Sendable {
    package let text: String
    /// Whether it is `https`.
    package let isSecure: Bool
    /// What follows the `?`; `nil` without one.
    package let query: String?

    /// How many bytes an address may be.
    package static let longest = 2048

    /// `nil` for what is no such address.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= WebAddress.longest, WebAddress.isWritten(bytes) else { return nil }
        isSecure = text.begins(with: "https://")
        guard isSecure || text.begins(with: "http://") else { return nil }
        let rest = bytes.dropFirst(isSecure ? 8 : 7)
        let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
        guard let host = WebAddress.host(authority), isSecure || NetworkAddress.isHere(host) else { return nil }
        query = rest.firstIndex(of: UInt8(ascii: "?")).map { String(decoding: rest[($0 + 1)...], as: UTF8.self) }
        self.text = text
    }

    /// Whether the address may be used beside the issuer's: in clear text only if the issuer is (and both are here).
    func isSafe(beside issuer: WebAddress) -> Bool { isSecure || !issuer.isSecure }

    /// The names of the query's parameters; `nil` if it is broken.
    var parameters: Set<String>? {
        guard let query, !query.isEmpty else { return [] }
        return FormText.pairs(query).map { Set($0.map(\.name)) }
    }

    /// The address with more parameters at the end of its query (RFC 6749 §3.1: what it has is kept).
    func adding(_ parameters: [(name: String, value: String)]) -> String {
        let more = parameters.map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
        let between = query.map { $0.isEmpty || $0.utf8.last == UInt8(ascii: "&") ? "" : "&" } ?? "?"
        return text + between + more.joined(separator: "&")
    }

    /// The host, in brackets if it is IPv6; `nil` if there is none, or a user, or a port that is none.
    private static func host(_ authority: ArraySlice<UInt8>) -> String? {
        let isBracketed = authority.first == UInt8(ascii: "[")
        let host: ArraySlice<UInt8>
        if isBracketed {
            guard let close = authority.firstIndex(of: UInt8(ascii: "]")) else { return nil }
            host = authority[...close]
            let inside = String(decoding: host.dropFirst().dropLast(), as: UTF8.self)
            guard inside.has(":"), !inside.has("%"), NetworkAddress(inside) != nil else { return nil }
        } else {
            host = authority.prefix { $0 != UInt8(ascii: ":") }
            guard !host.isEmpty, host.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x2D || $0 == 0x2E })
            else { return nil }
        }
        let port = authority.dropFirst(host.count)
        if let colon = port.first {
            let digits = port.dropFirst()
            guard colon == UInt8(ascii: ":"), (1...5).contains(digits.count), digits.allSatisfy(isDigit),
                let number = UInt16(String(decoding: digits, as: UTF8.self)), number > 0
            else { return nil }
        }
        return String(decoding: host, as: UTF8.self)
    }

    /// Whether there are only characters of RFC 3986 §2, without the `#` of a fragment, and whole escapes.
    private static func isWritten(_ bytes: [UInt8]) -> Bool {
        let marks = Array("-._~:/?[]@!$&'()*+,;=".utf8)
        return bytes.indices.allSatisfy { index in
            let byte = bytes[index]
            guard byte == UInt8(ascii: "%") else { return isLetter(byte) || isDigit(byte) || marks.contains(byte) }
            return index + 2 < bytes.count && isHexadecimal(bytes[index + 1]) && isHexadecimal(bytes[index + 2])
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
    private static func isHexadecimal(_ byte: UInt8) -> Bool { isDigit(byte) || (0x61...0x66).contains(byte | 0x20) }
}
