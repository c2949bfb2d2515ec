import CCrack
import Foundation
import Synchronization

/// Passwords that programs guess first, found with cracklib: words of its dictionary, forwards or backwards, with
/// digits and signs in place of letters or after them, and rows of keys. Debian's packages cracklib-runtime and
/// libcrack2 provide the dictionary and the library.
package enum GuessedPasswords {
    // The library uses buffers of its own, so only one call may run at a time.
    private static let turn = Mutex(())

    /// The path of the dictionary, without its three file endings.
    private static var dictionary: String { String(cString: GetDefaultCracklibDict()) }

    /// Whether the dictionary exists and can be read: a password to refuse is refused, and a good one is accepted.
    package static var areKnown: Bool { contains("password123") && !contains("correct horse battery staple") }

    package static func contains(_ password: String) -> Bool {
        // Signs and years before or after a word do not hide it.
        let word = stripped(password) { $0.properties.isAlphabetic || $0.properties.numericType != nil }
        let letters = stripped(password, of: longestTail) { $0.properties.isAlphabetic }
        return Set([password, word, letters]).contains { $0.utf8.count >= shortest && refuses($0) }
    }

    /// The library calls shorter passwords too short, whatever they are.
    private static let shortest = 6
    /// Longer passwords are in no dictionary, and the library's buffers are small.
    private static let longest = 100
    /// If more signs and digits than this surround a word, they are what counts.
    private static let longestTail = 6

    /// The text without the characters at both ends that do not belong; unchanged if those are more than `most`.
    private static func stripped(
        _ text: String, of most: Int = .max, keeping belongs: (Unicode.Scalar) -> Bool
    ) -> String {
        let scalars = text.unicodeScalars
        let kept = scalars.drop { !belongs($0) }.reversed().drop { !belongs($0) }.reversed()
        return scalars.count - kept.count <= most ? String(String.UnicodeScalarView(kept)) : text
    }

    private static func refuses(_ password: String) -> Bool {
        let path = dictionary
        // Without a dictionary, the library complains on standard error each time.
        guard FileManager.default.isReadableFile(atPath: path + ".pwd") else { return false }
        let bytes = password.utf8.prefix(longest).map { CChar(bitPattern: $0) } + [0]
        let complaint = turn.withLock { _ in
            bytes.withUnsafeBufferPointer { bytes in
                FascistCheckUser(bytes.baseAddress, path, "", "").map { String(cString: $0) }
            }
        }
        // A damaged dictionary says nothing about the password.
        return complaint != nil && complaint != "error loading dictionary"
    }
}
