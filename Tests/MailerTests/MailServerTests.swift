import Foundation
import TestKit
import Testing
import Values
import Web

@testable import Composition
@testable import CurlDriver
@testable import Mailer
import ServiceKit

/// The real way out, by libcurl, to a real mail server on loopback.
@Suite("A mail server", .enabled(if: MailServer.isThere), .serialized)
struct MailServerTests {
    static func client(
        _ server: MailServer, _ security: SMTPClient.Options.Security = .none, host: String = "127.0.0.1",
        _ change: (inout SMTPClient.Options) -> Void = { _ in }
    ) -> SMTPClient {
        var options = SMTPClient.Options(host: host, port: server.port, security: security, name: "popug.test")
        options.connectSeconds = 5
        options.seconds = 10
        change(&options)
        return SMTPClient(options)
    }

    static func send(_ client: SMTPClient, to recipient: String = "emma@popug.test", text: String = "Hello") throws
        -> SMTPClient.Reply
    {
        let message = try MessageTests.message(text: text)
        return try client.send(from: message.from.address, to: recipient, message: message.bytes)
    }

    @Test(
        "A letter arrives as it was written: both parts, both languages, dots, long lines, as another program reads it")
    func arrives() throws {
        let server = try MailServer()
        let transport = SMTPTransport(client: MailServerTests.client(server))
        let writer = try LetterWriter(company: .test(), from: try Mailbox("Попуг <popug@popug.test>"))
        let to = try Mailbox(name: "Елена \"Э\" Попугаева", address: "elena@popug.test")
        let title = ".\n..dots = and \(String(repeating: "длинно ", count: 80))"
        let content = LetterContent.assigned(
            tasks: [.init(id: ID(high: 1, low: 1), title: title, jiraID: "POP-1")], more: 0)
        for language in Language.allCases {
            let written = writer.write(content, to: to.name, language)
            let message = MailMessage(
                from: writer.from, to: to, subject: written.subject, text: written.text, html: written.html,
                messageID: "\(language.rawValue)@popug.test", at: Instant(seconds: 1_772_442_000))
            #expect(
                try transport.send(from: "popug@popug.test", to: to.address, message: message.bytes).outcome
                    == .accepted)
        }
        let taken = try server.taken(2)
        #expect(taken.count == 2)
        for (language, letter) in zip(Language.allCases, taken) {
            let written = writer.write(content, to: to.name, language)
            #expect(letter.defects.isEmpty && letter.from == "popug@popug.test" && letter.to == ["elena@popug.test"])
            #expect(letter.subject == HeaderText.clean(written.subject))
            #expect(letter.sender == "Попуг <popug@popug.test>")
            #expect(letter.recipient.contains("Попугаева") && letter.recipient.hasSuffix("<elena@popug.test>"))
            #expect(
                letter.text.replacing("\r\n", with: "\n").trimmingCharacters(in: .newlines)
                    == written.text.trimmingCharacters(in: .newlines))
            #expect(
                letter.html.replacing("\r\n", with: "\n").trimmingCharacters(in: .newlines)
                    == written.html.trimmingCharacters(in: .newlines))
        }
    }

    @Test("What it says is told apart: refused for good, not now, gone; and the next letter goes all the same")
    func answers() throws {
        let server = try MailServer()
        let client = MailServerTests.client(server)
        let cases: [(to: String, kind: SMTPClient.Reply.Kind, code: Int, words: String)] = [
            ("refuse@popug.test", .refused, 550, "No such mailbox"), ("busy@popug.test", .later, 451, "Too busy"),
            ("full@popug.test", .refused, 552, "Mailbox is full"), ("later@popug.test", .later, 450, "Not now"),
            ("slow@popug.test", .accepted, 250, "Taken"),
        ]
        for (to, kind, code, words) in cases {
            let reply = try MailServerTests.send(client, to: to)
            #expect(reply.kind == kind && reply.code == code && reply.words.contains(words), "\(to): \(reply)")
            #expect(try MailServerTests.send(client).kind == .accepted)
        }
        #expect(try MailServerTests.send(client, to: "drop@popug.test").kind == .away)
        #expect(try MailServerTests.send(client).kind == .accepted)
        let impatient = MailServerTests.client(server) { $0.seconds = 1 }
        let stuck = try MailServerTests.send(impatient, to: "stuck@popug.test")
        #expect(stuck.kind == .away && stuck.code == 0 && stuck.words.contains("time"), "\(stuck)")
        server.stop()
        let gone = try MailServerTests.send(client)
        #expect(gone.kind == .away && gone.code == 0 && !gone.words.isEmpty)
    }

    @Test(
        "STARTTLS and TLS are checked: a certificate that is not trusted, or no TLS where it is required, sends nothing"
    )
    func tls() throws {
        let folder = try TemporaryFolder()
        let (certificate, key) = try MailServer.certificate(in: folder.path)
        let files = ["--certificate", certificate, "--key", key]
        for (mode, security) in [("starttls", SMTPClient.Options.Security.required), ("implicit", .implicit)] {
            let server = try MailServer(["--tls", mode] + files)
            let trusting = MailServerTests.client(server, security, host: "localhost") {
                $0.certificates = certificate
            }
            #expect(try MailServerTests.send(trusting).kind == .accepted)
            let taken = try server.taken(1)
            #expect(taken.count == 1 && taken.allSatisfy(\.tls))
            let distrusting = MailServerTests.client(server, security, host: "localhost")
            #expect(try MailServerTests.send(distrusting).kind == .away)
            let otherName = MailServerTests.client(server, security) { $0.certificates = certificate }
            #expect(try MailServerTests.send(otherName).kind == .away)
        }
        let plain = try MailServer()
        #expect(try MailServerTests.send(MailServerTests.client(plain, .required)).kind == .away)
        #expect(try MailServerTests.send(MailServerTests.client(plain, .offered)).kind == .accepted)
        #expect(try plain.taken(1).count == 1)
    }

    @Test("Signing in: with the right password; a wrong one is the server's matter, not the letter's")
    func auth() throws {
        let folder = try TemporaryFolder()
        let (certificate, key) = try MailServer.certificate(in: folder.path)
        let server = try MailServer([
            "--tls", "starttls", "--certificate", certificate, "--key", key, "--auth", "popug:right",
        ])
        func client(_ password: String?) -> SMTPClient {
            MailServerTests.client(server, .required, host: "localhost") {
                $0.certificates = certificate
                $0.user = password == nil ? nil : "popug"
                $0.password = password
            }
        }
        #expect(try MailServerTests.send(client("right")).kind == .accepted)
        #expect(try server.taken(1).first?.user == "popug")
        for password in ["wrong", nil] {
            let reply = try MailServerTests.send(client(password))
            #expect(reply.kind == .away, "\(reply)")
        }
        // A look is told the same, and nobody gets a letter.
        #expect(client("right").look(seconds: 5).kind == .accepted)
        let wrong = client("wrong").look(seconds: 5)
        #expect(wrong.kind == .away && wrong.words.hasPrefix("535"), "\(wrong)")
        #expect(try server.taken(1).count == 1)
        server.stop()
        #expect(client("right").look(seconds: 5).kind == .away)
    }

    @Test("Halted while the server says nothing: it ends within two seconds, and nothing is said of the letter")
    func halted() throws {
        let server = try MailServer()
        let cancellation = Cancellation()
        var options = SMTPClient.Options(host: "127.0.0.1", port: server.port, security: .none, name: "popug.test")
        options.seconds = 60
        let client = SMTPClient(options, cancellation: cancellation)
        #expect(try MailServerTests.send(client).kind == .accepted)
        cancellation.call(in: .milliseconds(500))
        let began = ContinuousClock.now
        #expect(throws: CurlError.self) { try MailServerTests.send(client, to: "stuck@popug.test") }
        #expect(began.duration(to: .now) < .seconds(20))
    }

    @Test("The whole way: busy twice, refused, hung up on; in the end each letter has arrived once or is refused")
    func wholeWay() throws {
        let server = try MailServer()
        let mail = try MailFixture(sends: false)
        let real = SMTPTransport(client: MailServerTests.client(server))
        mail.transport.answer { _ in Delivery(.away, words: "not used") }
        try mail.restart(through: real)
        let names = ["busy2", "refuse", "lost", "emma"]
        let people = try names.map { try mail.person($0) }
        try mail.rest()
        for _ in 0..<4 { try mail.advance(seconds: 3600) }
        let states = try people.map { try mail.letters(to: $0).map(\.state) }
        #expect(states == [[.sent], [.refused], [.sent], [.sent]])
        #expect(try mail.letters(to: people[0]).first?.tries == 3)
        #expect(try mail.letters(to: people[1]).first?.words.contains("No such mailbox") == true)
        let taken = try server.taken(4)
        // Taken, and the answer lost: sent again, and it can be seen that it is the same letter.
        let lost = taken.filter { $0.to == ["lost@popug.test"] }.map { letter in
            letter.message.components(separatedBy: "\r\n").first { $0.hasPrefix("Message-ID") }
        }
        #expect(lost.count == 2 && Set(lost).count == 1)
        #expect(taken.count == 4)
        #expect(try mail.problems() == [])
    }
}
