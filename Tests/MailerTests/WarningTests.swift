import Contracts
import Directory
import Foundation
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@testable import Mailer

@Suite("X66: letters about what somebody else may have changed", .onEachDatabase)
struct WarningTests {
    @Test("A new address is told to both, the old one first, each once")
    func email() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        let before = mail.transport.sent.count
        try mail.tell(
            PersonChanged(
                person: Person(
                    id: emma, name: "Emma", email: "emma@xn--bcher-kva.test", roles: [Role.employee], active: true)),
            in: mail.identity)
        try mail.tell(
            AccessChanged(
                person: emma, what: .email, by: emma, before: "emma@popug.test", after: "emma@xn--bcher-kva.test",
                time: mail.clock.now), in: mail.identity)
        try mail.rest()
        let sent = mail.transport.sent.dropFirst(before)
        #expect(sent.map(\.to) == ["emma@popug.test", "emma@xn--bcher-kva.test"])
        #expect(Set(sent.map(\.messageID)).count == 2)
        for letter in sent {
            #expect(letter.header("Subject") == "Your e-mail address was changed")
            #expect(letter.text.contains("emma@popug.test"))
        }
        let text = mail.service.writer.write(
            try #require(try mail.letters(to: emma).last?.said()), to: "Emma", .english
        ).text
        // As people read it, and what to do.
        #expect(text.contains("to emma@bücher.test.") && text.contains("tell an administrator at once"))
        // Sent again by hand it goes where it went before.
        let admin = try mail.settled("Ada", roles: [Role.admin])
        let old = try #require(try mail.letters(to: emma).first { $0.addressee != nil })
        #expect(mail.send("POST", "/api/letters/\(old.id)/copies", as: admin).status < 300)
        try mail.rest()
        #expect(mail.transport.sent.last?.to == "emma@popug.test")
        #expect(try mail.problems() == [])
    }

    @Test("An address where there was none is told to itself alone")
    func firstAddress() throws {
        let mail = try MailFixture()
        let emma = try mail.person("Emma", email: "")
        try mail.tell(
            PersonChanged(
                person: Person(id: emma, name: "Emma", email: "emma@popug.test", roles: [Role.employee], active: true)),
            in: mail.identity)
        try mail.tell(
            AccessChanged(
                person: emma, what: .email, by: nil, before: "", after: "emma@popug.test", time: mail.clock.now),
            in: mail.identity)
        try mail.rest()
        #expect(mail.transport.sent.map(\.to) == ["emma@popug.test"])
    }

    @Test(
        "Roles, passwords, links and tokens are told with who did it, in each language",
        arguments: AccessChanged.What.allCases.filter { $0 != .email })
    func access(what: AccessChanged.What) throws {
        let mail = try MailFixture()
        let (emma, ada) = (try mail.settled("Emma"), try mail.settled("Ada"))
        let count = mail.transport.sent.count
        try mail.tell(
            AccessChanged(
                person: emma, what: what, by: ada, before: "employee", after: "employee, manager",
                time: mail.clock.now), in: mail.identity)
        try mail.rest()
        #expect(mail.transport.sent.dropFirst(count).map(\.to) == ["emma@popug.test"])
        let said = try #require(try mail.letters(to: emma).last?.said())
        let (english, russian) = (
            mail.service.writer.write(said, to: "Emma", .english), mail.service.writer.write(said, to: "Emma", .russian)
        )
        #expect(english.text.contains("Ada did it.") && english.text.contains("change your password"))
        #expect(russian.text.contains("Изменение внёс: Ada"))
        for written in [english, russian] {
            #expect(!written.subject.contains("letter.") && !written.text.contains("letter."))
            #expect(!written.text.contains("{{"))
        }
        if what == .roles {
            #expect(english.text.contains("from “employee” to “employee, manager”"))
            #expect(russian.text.contains("были «сотрудник», стали «сотрудник, менеджер»"))
        }
        if what == .token { #expect(english.text.contains("“employee, manager”")) }
    }

    @Test("X42: whoever was denied because such an event was parked is not, once it is applied")
    func parked() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        try mail.database.write { try Directory.deny(emma, in: $0) }
        try mail.tell(AccessChanged(person: emma, what: .password, by: emma, time: mail.clock.now), in: mail.identity)
        try mail.rest()
        #expect(try mail.database.read { try !Directory.isDenied(emma, in: $0) })
    }

    @Test("What a newer version tells of is told in general words")
    func unknown() throws {
        let mail = try MailFixture()
        let written = mail.service.writer.write(
            .access(.init(what: "beak", before: nil, after: nil, by: nil, at: mail.clock.now)), to: "Emma", .english)
        #expect(written.subject == "Your way to sign in was changed")
    }

    @Test("X28: where money goes is told with the last four digits, then and before")
    func destination() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        for (tail, before) in [("1111", nil), ("3000", "1111")] as [(String, String?)] {
            try mail.tell(
                DestinationChanged(
                    person: emma, kind: "card", tail: tail, before: before, fingerprint: "00", time: mail.clock.now),
                in: mail.payouts)
            try mail.rest()
        }
        let letters = try mail.letters(to: emma).suffix(2).map {
            mail.service.writer.write(try #require(try $0.said()), to: "Emma", .english).text
        }
        #expect(letters[0].contains("Your money goes to •••• 1111 from now on."))
        #expect(letters[1].contains("•••• 3000 from now on, and no longer to •••• 1111"))
        #expect(letters.allSatisfy { $0.contains("tell an administrator at once") })
        #expect(try mail.letters(to: emma).suffix(2).allSatisfy { $0.state == .sent && $0.kind == .destination })
    }
}
