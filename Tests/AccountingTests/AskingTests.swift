import Accounting
import Directory
import Ledger
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Accounts: what is asked, said and counted", .onEachDatabase)
struct AskingTests {
    let fixture: AccountingFixture
    let ada: ID
    let accountant: ID
    let admin: ID
    let manager: ID
    let task: ID

    init() throws {
        fixture = try AccountingFixture()
        ada = try fixture.person("Ada")
        accountant = try fixture.person("Lee", roles: [Role.accountant])
        admin = try fixture.person("Root", roles: [Role.admin])
        manager = try fixture.person("Max", roles: [Role.manager])
        task = try fixture.create(ada)
        try fixture.rest()
    }

    private var format: Format { Format(language: .english, company: fixture.company) }

    @Test("What a task pays is a part of other pages; nothing stands there before it is priced")
    func reward() throws {
        let stored: Cents? = try fixture.value("SELECT reward FROM price WHERE task = \(task)")
        let sum = format.signed(try #require(stored))
        let part = fixture.get("/accounting/fragments/tasks/\(task)/reward", as: ada)
        #expect(part.text.contains("<strong class=\"money positive\">\(sum) \(fixture.company.currency)</strong>"))
        let none = fixture.get("/accounting/fragments/tasks/\(fixture.clock.environment.newID())/reward", as: ada)
        #expect(none.status == 200 && !none.text.contains("<"))
    }

    @Test("X14: dealing tasks again says first between what its fees will be; what is no number of tasks says nothing")
    func reassignCost() {
        let path = "/accounting/fragments/reassign-cost"
        for person in [manager, admin] {
            let part = fixture.get("\(path)?tasks=37", as: person).text
            #expect(part.contains("between 370.00 and 740.00 \(fixture.company.currency)"))
        }
        #expect(fixture.get("\(path)?tasks=37", as: accountant).status == 403)
        for wrong in ["", "?tasks=", "?tasks=0", "?tasks=-1", "?tasks=x", "?tasks=9223372036854775807"] {
            let part = fixture.get(path + wrong, as: manager)
            #expect(part.status == 200 && !part.text.contains("<"), "\(wrong)")
        }
    }

    @Test(
        "X23: a correction says whose account and how much, before and after; who may decide it is told that it waits")
    func correction() throws {
        let entry = try #require(try fixture.account(ada).head)
        let place = "/accounts/\(ada)/corrections"
        let small = fixture.submit(place, "entry=\(entry)&sum=1.50&reason=x", as: accountant, once: "small")
        #expect(small.header("location") == "/accounts/\(ada)")
        var said = try #require(fixture.said(small))
        #expect(said.contains("accounting.correction.booked") && said.contains("Ada") && said.contains("+1.50"))
        let large = fixture.submit(place, "entry=\(entry)&sum=100&reason=Much", as: accountant, once: "large")
        said = try #require(fixture.said(large))
        #expect(said.contains("accounting.correction.waits") && said.contains("+100.00"))
        // Not whoever entered it.
        let count = "/accounting/fragments/waiting/corrections"
        #expect(fixture.get(count, as: admin).text.contains("class=\"count\">1<"))
        #expect(!fixture.get(count, as: accountant).text.contains("class=\"count\""))
        #expect(fixture.get(count, as: manager).status == 403)
        let found: ID? = try fixture.value("SELECT id FROM correction_request")
        let id = try #require(found)
        let asked = fixture.get("/corrections/\(id)/confirm", as: admin)
        let after = try fixture.balance(ada).plus(.units(100))
        #expect(asked.text.contains("action=\"/corrections/\(id)/confirmation\""))
        #expect(asked.text.contains("Much") && asked.text.contains(format.money(after)))
        #expect(fixture.get("/corrections/\(id)/confirm", as: accountant).status == 403)
        #expect(fixture.get("/corrections/\(fixture.clock.environment.newID())/confirm", as: admin).status == 404)
        let done = fixture.submit("/corrections/\(id)/confirmation", "", as: admin, once: "yes")
        said = try #require(fixture.said(done))
        #expect(said.contains("accounting.correction.booked") && said.contains("+100.00"))
        #expect(fixture.get("/corrections/\(id)/confirm", as: admin).status == 409)
        #expect(!fixture.get(count, as: admin).text.contains("class=\"count\""))
    }

    @Test("X23: one that is refused or taken back names the person and the sum")
    func refusal() throws {
        let entry = try #require(try fixture.account(ada).head)
        for (person, key) in [
            (admin, "accounting.correction.refused"), (accountant, "accounting.correction.withdrawn"),
        ] {
            _ = fixture.submit(
                "/accounts/\(ada)/corrections", "entry=\(entry)&sum=-100&reason=x", as: accountant, once: "ask-\(key)")
            let found: ID? = try fixture.value("SELECT id FROM correction_request WHERE state = 'waiting'")
            let id = try #require(found)
            let done = fixture.submit("/corrections/\(id)/refusal", "", as: person, once: "no-\(key)")
            let said = try #require(fixture.said(done))
            #expect(said.contains(key) && said.contains("Ada") && said.contains("\u{2212}100.00"))
        }
    }
}
