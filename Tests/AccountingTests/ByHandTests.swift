import Accounting
import Directory
import Hosting
import Ledger
import Schemas
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Accounts: changes by hand", .onEachDatabase)
struct ByHandTests {
    let fixture: AccountingFixture
    let ada: ID
    let accountant: ID
    let admin: ID

    init() throws {
        fixture = try AccountingFixture()
        ada = try fixture.person("Ada")
        accountant = try fixture.person("Lee", roles: [Role.accountant])
        admin = try fixture.person("Root", roles: [Role.admin])
        _ = try fixture.create(ada)
        try fixture.rest()
    }

    private func changes() throws -> [Audit] {
        let entries = try fixture.changesByHand()
        #expect(entries.allSatisfy { $0.isRight && $0.area == .money })
        return entries.compactMap(\.audit)
    }

    @Test("X23: a correction that waits is on the list, and so is its refusal; who may not refuse it is not")
    func corrections() throws {
        let entry = try #require(try fixture.account(ada).head)
        for (person, key) in [(admin, "first"), (accountant, "second")] {
            let asked = fixture.submit(
                "/accounts/\(ada)/corrections", "entry=\(entry)&sum=-100&reason=Twice", as: accountant, once: key)
            #expect(asked.status == 303)
            let found: ID? = try fixture.value("SELECT id FROM correction_request WHERE state = 'waiting'")
            let path = "/api/corrections/\(try #require(found))/refusal"
            #expect(fixture.post(path, "", as: ada, key: "ada-\(key)").status == 403)
            #expect(fixture.post(path, "", as: person, key: "no-\(key)").status == 204)
            #expect(fixture.post(path, "", as: person, key: "late-\(key)").status == 409)
        }
        let changes = try changes()
        #expect(
            changes.map(\.kind) == [
                "correction-requested", "correction-refused", "correction-requested", "correction-withdrawn",
            ])
        #expect(changes.map(\.by) == [accountant, admin, accountant, accountant])
        #expect(changes.allSatisfy { $0.person == ada && $0.sum == .units(-100) })
        #expect(changes.first?.reason == "Twice")
        try fixture.rest()
        #expect(try fixture.problems() == [])
    }

    @Test("X26: who confirms a day is on the list, once; who may not is not")
    func days() throws {
        let day = try fixture.openDay()
        fixture.clock.advance(seconds: 8 * 86_400)
        try fixture.rest()
        func confirm(_ days: Int, as person: ID, _ key: String) -> Int {
            fixture.post("/api/day-closes/\(day.adding(days: days))/confirmation", "", as: person, key: key).status
        }
        #expect(confirm(8, as: ada, "a") == 403 && confirm(9, as: accountant, "b") == 409)
        #expect(try changes().isEmpty)
        #expect(confirm(8, as: accountant, "c") == 201 && confirm(8, as: admin, "d") == 409)
        let changes = try changes()
        let only = try #require(changes.first)
        #expect(changes.count == 1 && only.kind == "day-confirmed" && only.by == accountant && only.person == nil)
        #expect(only.before == day.description && only.after == day.adding(days: 8).description)
        try fixture.rest()
        #expect(try fixture.problems() == [])
    }
}
