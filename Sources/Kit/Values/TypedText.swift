/// What text that people type, or that files bring, may hold: one rule for every field.
package enum TypedText {
    /// Nothing that ends a line, controls a terminal or turns the direction of what follows; no scalar that is no
    /// character. NUL, which PostgreSQL cannot store, is among what is not plain.
    package static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x20...0x7E: true
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFF9...0xFFFB: false
        case let value: value & 0xFFFE != 0xFFFE && !(0xFDD0...0xFDEF).contains(value)
        }
    }

    /// What turns or hides what stands beside it, and is not seen itself. Joiners and marks of variation are not among
    /// these: scripts and emoji are spelled with them.
    package static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2060...0x206F: true
        default: !isPlain(scalar)
        }
    }

    /// Something that a reader sees by itself: no space, no mark that needs a letter to stand on, no filler.
    package static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x7E: return true
        // Letters by their category, and blank: the Hangul fillers and the Braille pattern without a dot.
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

    /// What cannot be stored in both databases, or shown, replaced by U+FFFD: for text that is kept as it came.
    package static func storable(_ text: String) -> String {
        text.replacing("\0", by: "\u{FFFD}")
    }
}
