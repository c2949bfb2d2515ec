import Foundation
import Values

/// Encodes the values of headers (RFC 5322, RFC 2047). For any input, the result cannot end a header: its only line
/// breaks are those of folding, and every word is plain ASCII or encoded.
enum HeaderText {
    /// RFC 5322: a line should not be longer.
    static let longestLine = 78
    /// RFC 2047: no line with an encoded word may be longer than 76; the first one has the header's name before it.
    private static let longestWord = 64
    private static let fold = "\r\n "

    /// Free text, such as a subject, after a header's name.
    static func unstructured(_ text: String, after name: String) -> String {
        let text = clean(text)
        if isPlain(text), name.utf8.count + 2 + text.utf8.count <= longestLine { return text }
        return encoded(text)
    }

    /// A mailbox, its name quoted or encoded.
    static func mailbox(_ mailbox: Mailbox, after header: String) -> String {
        let name = clean(mailbox.name)
        if name.isEmpty { return mailbox.address }
        let line = header.utf8.count + name.utf8.count + mailbox.address.utf8.count + 8
        guard isPlain(name), line <= longestLine else { return encoded(name) + fold + "<\(mailbox.address)>" }
        let isAtoms = name.utf8.allSatisfy { byte in
            byte == 0x20 || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        }
        if isAtoms { return "\(name) <\(mailbox.address)>" }
        let quoted = name.replacing("\\", by: "\\\\").replacing("\"", by: "\\\"")
        return "\"\(quoted)\" <\(mailbox.address)>"
    }

    /// Removes control characters, line breaks, and characters that reverse or hide text; white space becomes single
    /// spaces.
    static func clean(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace || scalar.properties.generalCategory == .control {
                scalars.append(" ")
            } else if !TypedText.isHidden(scalar) {
                scalars.append(scalar)
            }
        }
        return String(scalars).words().joined(separator: " ")
    }

    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
    }

    /// Encoded words in Base64. Each holds whole characters, and is on its own line.
    private static func encoded(_ text: String) -> String {
        let (open, close) = ("=?UTF-8?B?", "?=")
        let room = (longestWord - open.utf8.count - close.utf8.count) / 4 * 3
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > room { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { open + Data($0).base64EncodedString() + close }.joined(separator: fold)
    }
}
