import Foundation
import Values

/// A whole message: headers, and the same text as plain text and as HTML (RFC 5322, RFC 2045, RFC 2046).
struct MailMessage: Sendable, Hashable {
    let from: Mailbox
    let to: Mailbox
    let subject: String
    let text: String
    let html: String
    /// Without the angle brackets.
    let messageID: String
    let at: Instant

    /// Name and value, folded and encoded.
    var headers: [(name: String, value: String)] {
        [
            ("Date", MailMessage.date(at)),
            ("From", HeaderText.mailbox(from, after: "From")),
            ("To", HeaderText.mailbox(to, after: "To")),
            ("Subject", HeaderText.unstructured(subject, after: "Subject")),
            ("Message-ID", "<\(messageID)>"),
            // Tells automatic responders not to answer (RFC 3834).
            ("Auto-Submitted", "auto-generated"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "multipart/alternative;\r\n boundary=\"\(boundary)\""),
        ]
    }

    /// Cannot occur in a part: quoted-printable text never contains `=_`.
    private var boundary: String { "=_\(messageID.before("@"))" }

    var bytes: [UInt8] {
        var out: [UInt8] = []
        for header in headers { out += "\(header.name): \(header.value)\r\n".utf8 }
        out += "\r\n".utf8
        for (type, body) in [("text/plain", text), ("text/html", html)] {
            out += "--\(boundary)\r\nContent-Type: \(type); charset=utf-8\r\n".utf8
            out += "Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8
            out += QuotedPrintable.encode(body)
            out += "\r\n".utf8
        }
        out += "--\(boundary)--\r\n".utf8
        return out
    }

    /// `Sat, 21 Nov 2026 09:30:00 +0000`
    static func date(_ instant: Instant) -> String {
        let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let text = instant.description
        guard let day = Day(String(text.prefix(10))) else { return text }
        let (year, month, number) = day.date
        let clock = text.dropFirst(11).prefix(8)
        return "\(weekdays[day.weekday - 1]), \(number) \(months[month - 1]) \(year) \(clock) +0000"
    }

    static func == (left: MailMessage, right: MailMessage) -> Bool { left.bytes == right.bytes }
    func hash(into hasher: inout Hasher) { hasher.combine(messageID) }
}
