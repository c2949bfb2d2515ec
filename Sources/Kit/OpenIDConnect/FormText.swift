import Values

/// Names and values as forms write them (`application/x-www-form-urlencoded`, RFC 6749 appendix B).
enum FormText {
    /// A value: a space is `+`, and everything but letters, digits and `-._~` is escaped.
    static func encode(_ text: String) -> String {
        text.unicodeScalars.split(separator: " ", omittingEmptySubsequences: false)
            .map { PercentCoding.encode(String(String.UnicodeScalarView($0))) }.joined(separator: "+")
    }

    static func written(_ pairs: [(name: String, value: String)]) -> [UInt8] {
        Array(pairs.map { encode($0.name) + "=" + encode($0.value) }.joined(separator: "&").utf8)
    }

    /// The pairs in order; `nil` for a broken escape, or text that is not UTF-8. A name without `=` has an empty value.
    static func pairs(_ text: String) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in text.utf8.split(separator: UInt8(ascii: "&")) {
            let end = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            guard let name = PercentCoding.decode(Substring(part[..<end]), plusIsSpace: true),
                let value = PercentCoding.decode(Substring(part[end...].dropFirst()), plusIsSpace: true)
            else { return nil }
            pairs.append((name, value))
        }
        return pairs
    }
}
