import Values
import Web

/// The Tracker's rules for typed text, besides those of ``TypedText``.
enum TextRule {
    /// A task's description: several lines are fine; `nil` if nothing is left.
    /// - Throws: a 422 problem at the field `description`.
    static func description(_ text: String?) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        let scalars = Scalars.trimmed(TextRule.lines(text))
        guard !scalars.isEmpty else { return nil }
        guard scalars.count <= longestDescription else { throw Problem.invalid("description", "task.description-long") }
        guard scalars.allSatisfy({ TypedText.isPlain($0) || $0 == "\n" || $0 == "\t" }) else {
            throw Problem.invalid("description", "task.description-control")
        }
        return Scalars.string(scalars[...])
    }

    static let longestDescription = 10_000
    /// The largest request with a description, in bytes. A form may write each byte of a scalar as three.
    static let bodyLimit = longestDescription * 12 + 64 * 1024

    /// The text's scalars, with a line feed for each kind of line end.
    private static func lines(_ text: String) -> [Unicode.Scalar] {
        var lines: [Unicode.Scalar] = []
        lines.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            if scalar == "\n", lines.last == "\r" { lines.removeLast() }
            lines.append(scalar)
        }
        return lines
    }
}
