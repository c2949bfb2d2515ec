import Directory
import Hosting
import Schemas
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@testable import Mailer

@Suite("Letters: changes by hand", .onEachDatabase)
struct ByHandTests {
    private func changes(_ mail: MailFixture) throws -> [Audit] {
        let entries = try mail.changesByHand()
        #expect(entries.allSatisfy { $0.isRight && $0.area == .operations })
        return entries.compactMap(\.audit)
    }

    @Test("Who sends a letter again is on the list, with whose letter it is; who is refused is not")
    func again() throws {
        let mail = try MailFixture()
        let admin = try mail.settled("Ada", roles: [Role.admin])
        let emma = try mail.settled("Emma")
        let path = "/api/letters/\(try #require(try mail.letters(to: emma).first).id)/copies"
        #expect(mail.send("POST", path, as: emma, key: "emma").status == 403)
        #expect(try changes(mail).isEmpty)
        for _ in 0..<2 { #expect(mail.send("POST", path, as: admin, key: "once").status == 202) }
        #expect(mail.send("POST", path, as: admin, key: "waits").status == 409)
        let changes = try changes(mail)
        let only = try #require(changes.first)
        #expect(changes.count == 1 && only.kind == "letter-repeated" && only.subject == "account")
        #expect(only.by == admin && only.person == emma)
    }

    @Test("Who releases letters that a restore has held, or keeps them, is on the list", arguments: [true, false])
    func release(sends: Bool) throws {
        let mail = try MailFixture()
        let accountant = try mail.settled("Abe", roles: [Role.accountant])
        let emma = try mail.settled("Emma")
        func release(as person: ID, _ key: String) -> Int {
            mail.send("POST", "/api/mail/release", json: "{\"send\":\(sends)}", as: person, key: key).status
        }
        #expect(release(as: accountant, "early") == 409)
        let (service, now) = (mail.service, mail.clock.now)
        try mail.database.write { try service.restored(in: $0, at: now) }
        try mail.restart(sends: true)
        try mail.close(emma, paid: 100, operations: 0)
        try mail.advance(seconds: 3600)
        #expect(release(as: emma, "emma") == 403)
        #expect(try changes(mail).isEmpty)
        #expect(release(as: accountant, "now") == 204 && release(as: accountant, "late") == 409)
        let changes = try changes(mail)
        #expect(changes.map(\.kind) == [sends ? "letters-released" : "letters-kept"])
        #expect(changes.first?.by == accountant && changes.first?.subject == "1")
    }
}
