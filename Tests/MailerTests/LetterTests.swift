import Contracts
import Directory
import Foundation
import Hosting
import Messaging
import Schemas
import ServiceKit
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values
import Web

@testable import Mailer

@Suite("Letters", .onEachDatabase)
struct LetterTests {
    @Test("X27: at the close who is paid gets one letter with the amount and the day's operations; nobody else does")
    func payout() throws {
        let mail = try MailFixture()
        let (emma, otto) = (try mail.settled("Emma"), try mail.settled("Otto"))
        try mail.operation("Feed the cat", of: emma, sum: -1500, balance: -1500)
        try mail.operation("Feed the cat", of: emma, sum: 3000, balance: 1500)
        try mail.tell(
            EntryCorrected(
                entry: ID(high: 1, low: 1), corrects: ID(high: 1, low: 2), person: emma, sum: Cents(250),
                balance: Cents(1750), reason: "A bonus", by: emma, kind: "reward", day: Day(number: 20_000),
                time: mail.clock.now), in: mail.accounting)
        try mail.operation("Walk the dog", of: otto, sum: -1100, balance: -1100)
        try mail.close(emma, paid: 1750, operations: 3)
        try mail.close(otto, paid: -1100)
        // Booked on the next day already: no part of the letter.
        try mail.operation("Tomorrow", of: emma, sum: 2000, balance: 2000, day: 20_001)
        try mail.rest()
        let letter = try #require(try mail.letters(to: emma).last)
        #expect(letter.kind == .payout && letter.state == .sent && letter.day == Day(number: 20_000))
        guard case .payout(let payout) = try letter.said() else { throw Unexpected() }
        #expect(payout.paid == Cents(1750) && payout.more == 0)
        #expect(payout.operations.map(\.sum) == [Cents(-1500), Cents(3000), Cents(250)])
        #expect(payout.operations.map(\.what) == ["Feed the cat", "Feed the cat", "A bonus"])
        let sent = try #require(mail.transport.sent.last { $0.to == "emma@popug.test" })
        #expect(sent.text.contains("17.50 EUR") && sent.text.contains("POP-1 Feed the cat"))
        #expect(try mail.letters(to: otto).map(\.kind) == [.account])
        // What a close has told of is kept no longer; the open day's is.
        #expect(try mail.value("SELECT COUNT(*) FROM operation") == 1)
        #expect(try mail.problems() == [])
    }

    struct Unexpected: Error {}

    @Test("A new account gets a letter that says where to sign in and holds no credential; one without address none")
    func account() throws {
        let mail = try MailFixture()
        _ = try mail.person("Emma")
        let nameless = try mail.person("Imported", email: "")
        try mail.rest()
        #expect(mail.transport.sent.count == 1)
        let text = try #require(mail.transport.sent.first?.text)
        #expect(text.contains("http://localhost:8080/sign-in") && text.contains("administrator"))
        #expect(try mail.letters(to: nameless).isEmpty)
    }

    @Test("Ten thousand assignments of one batch become one letter each person, and every event is in it once")
    func gathered() throws {
        let mail = try MailFixture()
        let people = try (0..<4).map { try mail.settled("Worker\($0)") }
        let before = mail.transport.sent.count
        for count in 0..<2_000 { try mail.assign("Task \(count)", to: people[count % 4]) }
        try mail.rest()
        #expect(mail.transport.sent.count == before)
        try mail.advance(seconds: 61)
        #expect(mail.transport.sent.count == before + 4)
        let letter = try #require(try mail.letters(to: people[0]).last)
        #expect(letter.items == 500)
        guard case .assigned(let tasks, let more) = try letter.said() else { throw Unexpected() }
        #expect(tasks.count == LetterContent.longestList && more == 500 - tasks.count)
        #expect(tasks.first?.title == "Task 0")
        #expect(try mail.value("SELECT COUNT(*) FROM assignment") == 0)
        #expect(try mail.problems() == [])
    }

    @Test("X40: an event that is delivered twice is written about once")
    func duplicates() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        let close = DayClosed(
            person: emma, day: Day(number: 20_000), opening: .zero, closing: Cents(100), paid: Cents(100),
            operations: 0, time: mail.clock.now)
        let envelope = Envelope(
            id: mail.clock.environment.newID(), topic: "accounting", name: DayClosed.name, version: 1, key: emma,
            time: mail.clock.now, trace: "test", data: close.data(), partition: 1, number: 9
        )
        let reaction = try #require(mail.service.reactions.first { $0.events.contains(DayClosed.type) })
        for _ in 0..<3 {
            try mail.database.write { transaction throws -> Void in
                try reaction.apply([envelope, envelope], transaction)
            }
        }
        try mail.rest()
        #expect(try mail.letters(to: emma).filter { $0.kind == .payout }.count == 1)
        #expect(mail.transport.sent.filter { $0.text.contains("payment") }.count == 1)
    }

    @Test("Without a mail server letters are kept; turning it on sends only what comes after, turning it off keeps")
    func kept() throws {
        let mail = try MailFixture(sends: false)
        let emma = try mail.person("Emma")
        try mail.rest()
        #expect(try mail.letters(to: emma).map(\.state) == [.kept])
        // Happened before, heard of after.
        try mail.close(emma, paid: 100, operations: 0, day: 20_000)
        mail.clock.advance(seconds: 10)
        try mail.restart(sends: true)
        try mail.rest()
        #expect(mail.transport.tried.isEmpty)
        try mail.close(emma, paid: 200, operations: 0, day: 20_001)
        try mail.rest()
        #expect(mail.transport.sent.count == 1)
        mail.transport.answer { _ in Delivery(.later, code: 451, words: "451 Busy") }
        try mail.close(emma, paid: 300, operations: 0, day: 20_002)
        try mail.rest()
        try mail.restart(sends: false)
        try mail.advance(seconds: 86_400)
        #expect(try mail.letters(to: emma).map(\.state) == [.kept, .kept, .sent, .kept])
        #expect(mail.transport.tried.count == 2)
        #expect(try mail.problems() == [])
    }

    @Test("A letter to a person who is not known yet waits for them")
    func unknown() throws {
        let mail = try MailFixture()
        let emma = mail.clock.environment.newID()
        try mail.close(emma, paid: 100, operations: 0)
        try mail.rest()
        #expect(mail.transport.tried.isEmpty)
        try mail.tell(
            PersonRegistered(
                person: Person(id: emma, name: "Emma", email: "emma@popug.test", roles: [Role.employee], active: true)),
            in: mail.identity)
        try mail.advance(seconds: 61)
        #expect(mail.transport.sent.map(\.to) == ["emma@popug.test", "emma@popug.test"])
        #expect(try mail.letters(to: emma).map(\.kind) == [.payout, .account])
    }

    @Test("What a letter said is dropped after its time; that there was one, and what became of it, is not")
    func forgotten() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        try mail.advance(seconds: 91 * 86_400)
        let letter = try #require(try mail.letters(to: emma).first)
        #expect(letter.content == nil && letter.state == .sent)
        let admin = try mail.settled("Ada", roles: [Role.admin])
        let page = mail.send("GET", "/letters/\(letter.id)", as: admin)
        #expect(page.status == 200 && page.text.contains("was deleted after"))
        let answer = mail.send("POST", "/api/letters/\(letter.id)/copies", as: admin)
        #expect(answer.status == 409 && answer.text.contains("mailer.dropped"))
    }

    @Test("What a batch of closes reads comes in the order of its days, in every process")
    func order() throws {
        let mail = try MailFixture()
        let emma = try mail.settled("Emma")
        let days = 20_000..<20_016
        for day in days {
            try mail.operation("Feed the cat", of: emma, sum: 3000, balance: 3000, day: day)
            try mail.close(emma, paid: 3000, day: day)
        }
        for host in mail.publishers { while try host.step() {} }
        let envelopes = mail.log.contents(of: .accounting)
        let reaction = try #require(mail.service.reactions.first { $0.events.contains(DayClosed.type) })
        let read = Mutex<[Value]>([])
        let observed = ObservedDatabase(mail.database) { _, statement in
            guard statement.text.hasPrefix("SELECT person, kind, what") else { return }
            read.withLock { $0.append(statement.values[0]) }
        }
        try observed.write { transaction -> Void in try reaction.apply(envelopes, transaction) }
        #expect(read.withLock { $0 } == days.map { Value.integer(Int64($0)) })
    }
}
