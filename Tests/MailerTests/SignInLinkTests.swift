import Contracts
import Foundation
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@testable import Mailer

@Suite("Letters with a link that signs in", .onEachDatabase)
struct SignInLinkTests {
    /// Identity's answers in turn, the last one for ever.
    private func identity(_ asker: AnsweringAsker, _ path: String?) {
        asker.set { ask in
            try IdentityQuestions.link.answer(ask) { asked in
                #expect(asked.address == "emma@popug.test")
                return SignInLink(path: path)
            }
        }
    }

    private func asks(_ mail: MailFixture, _ person: ID) throws {
        try mail.tell(
            SignInLinkAsked(
                person: person, ask: mail.clock.environment.newID(), next: nil, time: mail.clock.now),
            in: mail.identity)
        try mail.rest()
    }

    @Test("S8: the link is made when the letter is sent, and stands in no kept letter")
    func sent() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        identity(mail.asker, "/sign-in/link/SECRET?next=%2Faccount")
        let count = mail.transport.sent.count
        try asks(mail, emma)
        let sent = try #require(mail.transport.sent.dropFirst(count).first)
        #expect(sent.to == "emma@popug.test")
        let text = sent.text.replacing("=\r\n", with: "")
        #expect(
            text.contains("/sign-in/link/SECRET?next=3D%2Faccount")
                || text.contains("/sign-in/link/SECRET?next=%2Faccount"))
        let letter = try #require(try mail.letters(to: emma).last)
        #expect(letter.state == .sent && letter.kind == .link)
        let page = mail.send("GET", "/api/letters/\(letter.id)", as: try mail.settled("Ada", roles: ["admin"]))
        #expect(page.status == 200 && !page.text.contains("SECRET") && page.text.contains("kept nowhere"))
        let again = mail.send(
            "POST", "/api/letters/\(letter.id)/copies", as: try mail.settled("Anna", roles: ["admin"]), key: "again")
        #expect(again.status == 409 && again.text.contains("mailer.link"))
        let stored = try mail.database.read { transaction in
            try transaction.fetch("SELECT content, words FROM letter").map {
                String(decoding: try $0(0, as: [UInt8]?.self) ?? [], as: UTF8.self) + (try $0(1, as: String.self))
            }.joined()
        }
        #expect(!stored.contains("SECRET"))
    }

    @Test("X5: while Identity is away the letter waits; it goes when Identity is back")
    func away() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        let count = mail.transport.sent.count
        try asks(mail, emma)
        #expect(mail.transport.sent.count == count)
        #expect(try mail.letters(to: emma).last?.state == .waiting)
        identity(mail.asker, "/sign-in/link/SECRET")
        try mail.advance(seconds: 120)
        #expect(mail.transport.sent.count == count + 1)
        #expect(try mail.letters(to: emma).last?.state == .sent)
    }

    @Test("A letter whose link was used already, or that nobody waits for any more, is not sent")
    func gone() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        let count = mail.transport.sent.count
        identity(mail.asker, nil)
        try asks(mail, emma)
        #expect(try mail.letters(to: emma).last?.state == .refused)
        mail.asker.set { throw StorageError.unavailable("\($0.service) is away") }
        try asks(mail, emma)
        for _ in 0..<20 { try mail.advance(seconds: 600) }
        identity(mail.asker, "/sign-in/link/SECRET")
        try mail.advance(seconds: 600)
        #expect(try mail.letters(to: emma).last?.state == .givenUp)
        #expect(mail.transport.sent.count == count)
    }

    @Test("X66: admins are told of a passkey that may have been copied, with the name of its person")
    func admins() throws {
        let mail = try MailFixture()
        let (emma, ada) = (try mail.settled("Emma"), try mail.settled("Ada", roles: ["admin"]))
        let count = mail.transport.sent.count
        try mail.tell(
            AccessChanged(
                person: emma, what: .passkeySuspect, by: nil, after: "Phone", time: mail.clock.now, also: [ada, emma]),
            in: mail.identity)
        try mail.rest()
        #expect(Set(mail.transport.sent.dropFirst(count).map(\.to)) == ["emma@popug.test", "ada@popug.test"])
        let said = try #require(try mail.letters(to: ada).last?.said())
        for language in Language.allCases {
            let written = mail.service.writer.write(said, to: "Ada", language)
            #expect(written.subject.hasPrefix("Emma: ") && written.text.contains("Phone"))
            #expect(!written.text.contains("letter.") && !written.text.contains("{{"))
        }
    }
}
