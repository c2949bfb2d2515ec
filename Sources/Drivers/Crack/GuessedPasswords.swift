import CCrack
import Foundation
import Synchronization

/// Passwords that programs guess first, by cracklib: words of its dictionary, whole or turned around, with digits and
/// signs for letters or behind them, and rows of keys. Debian's packages cracklib-runtime and libcrack2 bring both.
package enum GuessedPasswords {
    // The library works in buffers of its own, one call at a time.
    private static let turn = Mutex(())

    /// Where the dictionary is, without its three endings.
    private static var dictionary: String { String(cString: GetDefaultCracklibDict()) }

    /// Whether the dictionary is there and can be read: what must be refused is, and what must be taken is.
    package static var areKnown: Bool { contains("password123") && !contains("correct horse battery staple") }

    package static func contains(_ password: String) -> Bool {
        // Signs before and behind a word do not hide it, nor does a year.
        let word = stripped(password) { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        let letters = stripped(password, of: longestTail) { $0.properties.isAlphabetic }
        return Set([password, word, letters]).contains { $0.utf8.count >= shortest && refuses($0) }
    }

    /// Shorter ones the library calls too short, whatever they are.
    private static let shortest = 6
    /// Longer ones are in no dictionary, and the library's buffers are small.
    private static let longest = 100
    /// With more than so many signs and digits around a word they are what counts.
    private static let longestTail = 6

    /// Without what stands at both ends and does not belong; as it was where that is more than `most`.
    private static func stripped(
        _ text: String, of most: Int = .max, keeping belongs: (Unicode.Scalar) -> Bool
    ) -> String {
        let scalars = text.unicodeScalars
        let kept = scalars.drop { !belongs($0) }.reversed().drop { !belongs($0) }.reversed()
        return scalars.count - kept.count <= most ? String(String.UnicodeScalarView(kept)) : text
    }

    private static func refuses(_ password: String) -> Bool {
        let path = dictionary
        // Where there is none, the library complains on standard error each time.
        guard FileManager.default.isReadableFile(atPath: path + ".pwd") else { return false }
        let bytes = password.utf8.prefix(longest).map { CChar(bitPattern: $0) } + [0]
        let complaint = turn.withLock { _ in
            bytes.withUnsafeBufferPointer { bytes in
                FascistCheckUser(bytes.baseAddress, path, "", "").map { String(cString: $0) }
            }
        }
        // That its dictionary is damaged says nothing about the password.
        return complaint != nil && complaint != "error loading dictionary"
    }
}
