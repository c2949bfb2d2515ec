/// What text that people type, or that comes from files, may contain. One rule for every field.
package enum TypedText {
    /// Whether a scalar may be in plain text. It must not end a line, control a terminal or change the direction of the
    /// text after it, and it must be a character. NUL, which PostgreSQL cannot store, is not plain.
    package static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: true
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        case let value: value & 0xFFFE != 0xFFFE && !(0xFDD0...0xFDEF).contains(value)
        }
    }

    /// Whether a scalar reorders or hides the text next to it and is itself invisible. Joiners and variation marks do
    /// not count: scripts and emoji are spelled with them.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2060...0x206F: true
        default: !isPlain(scalar)
        }
    }

    /// Whether a reader sees the scalar by itself: it is not a space, not a mark that needs a letter, and not a filler.
    package static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x7E: return true
        // These are letters by category, but blank: the Hangul fillers and the Braille pattern without dots.
        case 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
            .nonspacingMark, .spacingMark, .enclosingMark:
            return false
        default: return true
        }
    }

    /// The text with everything that cannot be stored in both databases, or shown, replaced by U+FFFD. For text that is
    /// otherwise stored unchanged.
    package static func storable(_ text: String) -> String {
        text.replacing("\0", by: "\u{FFFD}")
    }
}
