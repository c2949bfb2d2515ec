import Values

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
