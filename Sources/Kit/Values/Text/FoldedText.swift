import Foundation

/// Text as it is searched. Words match whatever the case, the accents and the normal form in which they were typed.
/// This works the same on every database, because the program folds the words and the database only compares bytes.
package enum FoldedText {
    /// The longest word, in scalars. Only the beginning of a longer word is indexed.
    package static let longest = 64

    /// The folded words of a text, in order. Each is a run of letters, digits and the marks that belong to them.
    package static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var length = 0
        func end() {
            if length > 0 { words.append(String(word)) }
            word = String.UnicodeScalarView()
            length = 0
        }
        for scalar in folded(text) {
            guard isPart(scalar) || length > 0 && isMark(scalar) else {
                end()
                continue
            }
            if length < longest { word.append(scalar) }
            length += 1
        }
        end()
        return words
    }

    /// The folded text: only case and accents are removed, everything else stays. For names, which are compared whole.
    package static func text(_ text: String) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: folded(text))
        return String(view)
    }

    private static func folded(_ text: String) -> [Unicode.Scalar] {
        if text.utf8.allSatisfy({ $0 < 0x80 }) {
            return text.utf8.map { Unicode.Scalar((0x41...0x5A).contains($0) ? $0 | 0x20 : $0) }
        }
        var result: [Unicode.Scalar] = []
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars {
            if isAccent(scalar) {
                // й is a letter of its own, not an и with an accent.
                if scalar == "\u{306}", result.last == "и" { result[result.count - 1] = "й" }
                continue
            }
            switch scalar {
            case "ς": result.append("σ")
            default:
                for lower in scalar.properties.lowercaseMapping.unicodeScalars where !isAccent(lower) {
                    result.append(lower)
                }
            }
        }
        return result
    }

    /// A mark above, below or through a letter, or a joiner. Signs that spell a script's vowels stay (class 0), and so
    /// do marks that make a different consonant (classes 7 to 9).
    private static func isAccent(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x7F: false
        case 0xAD, 0x200B...0x200D, 0x2060, 0xFE00...0xFE0F, 0xFEFF: true
        default: ![0, 7, 8, 9].contains(scalar.properties.canonicalCombiningClass.rawValue)
        }
    }

    private static func isPart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x30...0x39, 0x61...0x7A: return true
        case 0...0x7F: return false
        default: break
        }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
            .letterNumber, .otherNumber, .otherSymbol, .privateUse:
            return true
        default: return false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }
}
