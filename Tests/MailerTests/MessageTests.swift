import Foundation
import TestKit
import Testing
import Values
import Web

@testable import Mailer

@Suite("Messages")
struct MessageTests {
    static func message(subject: String = "Hello", text: String = "Hello", name: String = "Emma") throws -> MailMessage
    {
        MailMessage(
            from: try Mailbox("Popug <popug@popug.test>"),
            to: try Mailbox(name: name, address: "emma@popug.test"), subject: subject, text: text,
            html: "<p>\(text)</p>", messageID: "1@popug.test", at: Instant(seconds: 1_772_442_000))
    }

    @Test(
        "No header can be brought in by a name or a subject",
        arguments: [
            "Emma\r\nBcc: all@popug.test", "Emma\nBcc: all@popug.test", "Emma\r\n\r\nbody", "Emma\u{2028}Bcc: x",
            "Emma\u{0}\u{7F}Bcc: x", "=?UTF-8?B?DQpCY2M6IHg=?=", "\" <all@popug.test>, \"",
        ])
    func injection(text: String) throws {
        let message = try MessageTests.message(subject: text, name: text)
        let bytes = String(decoding: message.bytes, as: UTF8.self)
        let head = try #require(bytes.components(separatedBy: "\r\n\r\n").first)
        let names = head.replacing("\r\n ", with: " ").components(separatedBy: "\r\n").map { $0.prefix { $0 != ":" } }
        #expect(
            names == ["Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"])
        #expect(!head.replacing("\r\n", with: "").contains { $0.isNewline })
    }

    @Test(
        "Headers of any text are ASCII, in lines of at most 78, and come back as they were",
        arguments: [
            "Plain", "Вам назначено: покормить кота и ещё очень много всего, что в одну строку не поместится никак",
            String(repeating: "long words ", count: 30).trimmingCharacters(in: .whitespaces), "🦜🦜🦜 Émile",
        ])
    func headers(text: String) throws {
        let message = try MessageTests.message(subject: text, name: text)
        let head = try #require(
            String(decoding: message.bytes, as: UTF8.self).components(separatedBy: "\r\n\r\n").first)
        #expect(head.utf8.allSatisfy { $0 < 0x7F })
        for line in head.components(separatedBy: "\r\n") { #expect(line.utf8.count <= 78, "\(line)") }
        let subject = try #require(message.headers.first { $0.name == "Subject" }).value
        #expect(MessageTests.decoded(subject) == text)
    }

    static func decoded(_ header: String) -> String {
        guard header.hasPrefix("=?") else { return header }
        var bytes = Data()
        for word in header.components(separatedBy: "\r\n ") {
            bytes += Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data()
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("Quoted-printable of anything comes back as it was, in lines of at most 76 plain characters")
    func quotedPrintable() throws {
        var generator = SplitMix64(seed: 7)
        let alphabet = Array("ab =\t.é漢🦜\n\"=3D_-").map(String.init)
        for _ in 0..<500 {
            let length = Int(generator.next() % 300)
            let text = (0..<length).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }.joined()
            let encoded = String(decoding: QuotedPrintable.encode(text), as: UTF8.self)
            for line in encoded.components(separatedBy: "\r\n") {
                #expect(line.utf8.count <= 76)
                #expect(!line.hasSuffix(" ") && !line.hasSuffix("\t"))
            }
            #expect(!encoded.contains("=_"))
            #expect(MessageTests.unquoted(encoded) == text)
        }
    }

    static func unquoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        let source = Array(text.replacing("=\r\n", with: "").replacing("\r\n", with: "\n").utf8)
        var index = 0
        while index < source.count {
            if source[index] == 0x3D, index + 2 < source.count,
                let byte = UInt8(String(decoding: source[index + 1...index + 2], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(source[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(
        "What is no address is none",
        arguments: [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b>", "-oQ@b", "a@b,c@d",
            "a..b@c",
            ".a@b", "a@b..c", "a@-b", "jürgen@b", "a@\u{301}b@c", "a,\u{301}b@c", "a>\u{FE0F}@b",
            String(repeating: "a", count: 260) + "@b",
        ])
    func addresses(text: String) {
        #expect(throws: MailAddress.Fault.self) { try Mailbox(address: text) }
        #expect(throws: MailAddress.Fault.self) { try Mailbox("Popug <\(text)>") }
    }

    @Test(
        "A sender is read as it is written: with a name or without, quoted, with a domain in letters",
        arguments: [
            ("Popug <popug@popug.test>", "Popug", "popug@popug.test"), ("popug@popug.test", "", "popug@popug.test"),
            ("\"Popug, the <best>\" <popug@popug.test>", "Popug, the <best>", "popug@popug.test"),
            (" Попуг\u{301} <popug@bücher.example> ", "Попуг\u{301}", "popug@xn--bcher-kva.example"),
            ("\"\u{301}Popug\u{338} <popug@popug.test>", "\"\u{301}Popug\u{338}", "popug@popug.test"),
            ("<\u{338}x<popug@popug.test>", "<\u{338}x", "popug@popug.test"),
        ])
    func senders(text: String, name: String, address: String) throws {
        let mailbox = try Mailbox(text)
        #expect(Array(mailbox.name.utf8) == Array(name.utf8) && mailbox.address == address)
    }

    @Test(
        "Joiners and variation marks stay in a header: scripts and emoji are spelled with them",
        arguments: [
            "نامه\u{200C}ای", "क\u{94D}\u{200D}ष", "👩\u{200D}💻 done", "❤\u{FE0F}", "葛\u{E0100}",
            "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}",
            "a\u{301} \"\u{301}b",
        ])
    func joiners(text: String) throws {
        let message = try MessageTests.message(subject: text, name: text)
        let subject = try #require(message.headers.first { $0.name == "Subject" }).value
        #expect(Array(MessageTests.decoded(subject).utf8) == Array(text.utf8))
        let to = try #require(message.headers.first { $0.name == "To" }).value
        let name = try #require(to.components(separatedBy: "\r\n <").first)
        #expect(Array(MessageTests.decoded(name).utf8) == Array(text.utf8))
    }

    @Test("What turns or hides text, and controls, do not come into a header")
    func turners() {
        for scalar
            in "\u{200E}\u{200F}\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{61C}\u{200B}\u{2060}\u{FEFF}"
            .unicodeScalars
        {
            for text in ["a\(scalar)b", "\(scalar)ab", "a\u{200D}\(scalar)b", "a\(scalar)\u{301}b"] {
                let clean = HeaderText.clean(text)
                #expect(
                    !clean.unicodeScalars.contains(scalar) && !clean.unicodeScalars.contains(" "), "\(scalar.value)")
            }
        }
        for scalar in "\0\u{7}\t\n\r\u{B}\u{1B}\u{7F}\u{85}\u{9B}\u{A0}\u{2028}\u{2029}\u{3000}".unicodeScalars {
            for mark in ["", "\u{301}", "\u{FE0F}", "\u{200D}"] {
                #expect(
                    HeaderText.clean("a\(scalar)\(mark)b").unicodeScalars.elementsEqual("a \(mark)b".unicodeScalars))
            }
        }
    }

    @Test("Letters are written in both languages; a title with markup in it stays text")
    func languages() throws {
        let writer = try LetterWriter(company: .test(), from: nil)
        let task = LetterContent.Task(
            id: ID(high: 1, low: 2), title: "<script>alert(1)</script> {{company}} & \"x\"", jiraID: nil)
        for language in Language.allCases {
            let written = writer.write(.assigned(tasks: [task], more: 3), to: "<b>Emma</b>", language)
            #expect(!written.html.contains("<script>") && !written.html.contains("<b>"))
            #expect(written.html.contains("&lt;script&gt;") && written.text.contains("<script>"))
            #expect(written.text.contains("{{company}}") && !written.text.contains("letter."))
            #expect(written.text.contains("http://localhost:8080/tasks/"))
        }
        let payout = LetterContent.payout(
            .init(day: Day(number: 20_000), opening: Cents(-150), paid: Cents(123_456), operations: [], more: 0))
        #expect(writer.write(payout, to: "Emma", .english).subject == "1,234.56 EUR sent for payment, 4 Oct 2024")
        #expect(writer.write(payout, to: "Emma", .russian).subject.contains("отправлено на выплату, 4 окт 2024"))
    }

    @Test("The date is RFC 5322's")
    func date() {
        #expect(MailMessage.date(Instant(seconds: 1_772_442_000)) == "Mon, 2 Mar 2026 09:00:00 +0000")
    }
}
