import Schemas
import Values

/// What a token claims, by name (RFC 7519 §4). A claim that is `null` is one that is not there.
struct Claims {
    private let json: JSONText

    init(_ bytes: [UInt8]) throws(OpenIDConnectError) {
        guard let json = try? JSONText(bytes), case .object = json else { throw .malformedClaims("") }
        self.json = json
    }

    private subscript(name: String) -> JSONText? {
        let value = json.member(name)
        return value == .null ? nil : value
    }

    func text(_ name: String) throws(OpenIDConnectError) -> String? {
        guard let value = self[name] else { return nil }
        guard case .string(let text) = value else { throw .malformedClaims(name) }
        return text
    }

    /// One text, or a list of texts; `nil` if it is not there.
    func texts(_ name: String) throws(OpenIDConnectError) -> [String]? {
        guard let value = self[name] else { return nil }
        if case .string(let text) = value { return [text] }
        guard let texts = try? [String](json: value) else { throw .malformedClaims(name) }
        return texts
    }

    /// A `NumericDate` (RFC 7519 §2): seconds since 1970, perhaps with a fraction, which is dropped.
    func moment(_ name: String) throws(OpenIDConnectError) -> Instant? {
        guard let value = self[name] else { return nil }
        guard case .number(let text) = value, let number = Double(text), Claims.moments.contains(number)
        else { throw .malformedClaims(name) }
        return Instant(seconds: Int64(number.rounded(.down)))
    }

    /// True, or the word `true`, which some providers write; anything else is not true.
    func isTrue(_ name: String) -> Bool {
        switch self[name] {
        case .boolean(let value): value
        case .string(let text): text == "true"
        default: false
        }
    }

    /// From 1970 to the end of the year 9999.
    private static let moments = 0.0...253_402_300_799
}
