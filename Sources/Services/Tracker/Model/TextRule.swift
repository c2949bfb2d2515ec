import Values
import Web

/// What typed text may hold, for every field that a person or a file fills.
enum TextRule {
    /// Nothing that moves or hides other text: no control characters, line ends, direction overrides or isolates.
    static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: true
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        case let value: value & 0xFFFE != 0xFFFE && !(0xFDD0...0xFDEF).contains(value)
        }
    }

    /// Something that a reader sees.
    static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        if (0x21...0x7E).contains(scalar.value) { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned:
            return false
        default: return scalar.value > 0x20
        }
    }

    /// A task's description: several lines are fine; `nil` where nothing is left.
    /// - Throws: a 422 problem at the field `description`.
    static func description(_ text: String?) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        let scalars = Scalars.trimmed(Array(text.replacing("\r\n", with: "\n").unicodeScalars))
        guard !scalars.isEmpty else { return nil }
        guard scalars.count <= longestDescription else { throw Problem.invalid("description", "task.description-long") }
        guard scalars.allSatisfy({ isPlain($0) || $0 == "\n" || $0 == "\t" }) else {
            throw Problem.invalid("description", "task.description-control")
        }
        return Scalars.string(scalars[...])
    }

    static let longestDescription = 10_000
}
