import Values

/// A code that signs in somebody who has lost their device: 100 random bits, which people copy from paper.
struct RecoveryCode: Sendable, Hashable {
    /// How many are made at once.
    static let count = 10
    private static let length = 20
    /// Crockford's Base32: no letter looks like a digit.
    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// Without hyphens.
    let text: String

    init(_ environment: Environment) {
        // 256 is a multiple of 32, so each letter is as likely.
        let letters = environment.randomBytes(RecoveryCode.length).map { RecoveryCode.alphabet[Int($0 & 31)] }
        text = String(decoding: letters, as: UTF8.self)
    }

    /// A code as somebody typed it: in any case, with or without hyphens and spaces, and with the letters that are read
    /// for digits.
    init?(typed: String) {
        guard typed.utf8.count <= 100 else { return nil }
        var letters: [UInt8] = []
        for scalar in typed.unicodeScalars where scalar != "-" && !scalar.properties.isWhitespace {
            guard let letter = RecoveryCode.letter(scalar) else { return nil }
            letters.append(letter)
        }
        guard letters.count == RecoveryCode.length else { return nil }
        text = String(decoding: letters, as: UTF8.self)
    }

    private static func letter(_ scalar: Unicode.Scalar) -> UInt8? {
        guard scalar.isASCII else { return nil }
        let byte = UInt8(truncatingIfNeeded: scalar.value)
        let upper = (0x61...0x7A).contains(byte) ? byte & 0xDF : byte
        switch upper {
        case UInt8(ascii: "O"): return UInt8(ascii: "0")
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return UInt8(ascii: "1")
        default: return alphabet.contains(upper) ? upper : nil
        }
    }

    /// In groups of five.
    var shown: String {
        let letters = Array(text.utf8)
        return stride(from: 0, to: letters.count, by: 5)
            .map { String(decoding: letters[$0..<min($0 + 5, letters.count)], as: UTF8.self) }.joined(separator: "-")
    }
}
