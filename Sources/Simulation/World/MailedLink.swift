import Foundation
import Values

/// A link of a letter that signs somebody in (S8), as its reader has it.
struct MailedLink: Sendable, Hashable {
    /// The path with which the link is used.
    let path: String
    /// The request for the letter: links of one request work once together.
    let ask: ID
    /// Whom it signs in.
    let person: ID
    let made: Instant
    /// Identity's epoch when the letter was sent; it changes when a backup is put back.
    let epoch: Int64

    private static let beginning = "/sign-in/link/"

    /// `nil` if the letter has no link.
    init?(in message: [UInt8], epoch: Int64) {
        // Long lines of a letter are folded (quoted-printable).
        let text = String(decoding: message, as: UTF8.self).replacing("=\r\n", with: "")
        guard let start = text.firstRange(of: MailedLink.beginning)?.upperBound else { return nil }
        // A link goes on with its query, or ends with its line.
        let ticket = String(
            decoding: text.utf8[start...].prefix { $0 > 0x20 && $0 != UInt8(ascii: "?") }, as: UTF8.self)
        guard let bytes = Base64URL.decode(ticket), bytes.count == 72, let ask = ID(bytes: Array(bytes[..<16])),
            let person = ID(bytes: Array(bytes[16..<32]))
        else { return nil }
        let time = bytes[32..<40].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        (path, self.ask, self.person, self.epoch) = (MailedLink.beginning + ticket, ask, person, epoch)
        made = Instant(milliseconds: Int64(bitPattern: time))
    }
}
