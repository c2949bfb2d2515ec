import Accounting
import Contracts
import Directory
import Foundation
import Ledger
import Schemas
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Accounts: pages and API", .onEachDatabase)
struct AccountPageTests {
    let fixture: AccountingFixture
    let ada: ID
    let bob: ID
    let accountant: ID
    let admin: ID
    let manager: ID
    let task: ID

    init() throws {
        fixture = try AccountingFixture()
        ada = try fixture.person("Ada")
        bob = try fixture.person("Боб")
        accountant = try fixture.person("Lee", roles: [Role.accountant])
        admin = try fixture.person("Root", roles: [Role.admin])
        manager = try fixture.person("Max", roles: [Role.manager])
        task = try fixture.create(ada, title: "=1+1 \"<b>\"", jiraID: "POP-1")
        try fixture.rest()
    }

    @Test("X7: one's own account is everyone's on the staff; another's only accountants' and admins'")
    func access() throws {
        for person in [ada, bob, accountant, admin, manager] {
            #expect(fixture.get("/account", as: person).status == 200)
            #expect(fixture.get("/api/accounts/me", as: person).status == 200)
            #expect(fixture.get("/api/accounts/\(person)", as: person).status == 200)
            #expect(fixture.get("/accounting/fragments/today", as: person).status == 200)
        }
        let money = ["/accounts", "/accounts/\(ada)", "/money", "/close", "/api/company-money", "/api/day-closes/next"]
        for target in money + ["/api/accounts/\(ada)", "/api/accounts/\(ada)/operations", "/api/accounts"] {
            #expect(fixture.get(target, as: bob).status == 403, "\(target)")
            #expect(fixture.get(target, as: manager).status == 403, "\(target)")
            #expect(fixture.get(target, as: accountant).status == 200, "\(target)")
            #expect(fixture.get(target, as: admin).status == 200, "\(target)")
        }
        #expect(fixture.get("/api/accounts/\(fixture.clock.environment.newID())", as: bob).status == 403)
        #expect(fixture.get("/api/accounts/\(fixture.clock.environment.newID())", as: admin).status == 404)
        #expect(fixture.get("/accounts/\(fixture.clock.environment.newID())", as: admin).status == 404)
    }

    @Test("X24: the log names what for, how much, the balance after and when; today by default, and any day")
    func statement() throws {
        let page = fixture.get("/account", as: ada).text
        #expect(page.contains("POP-1") && page.contains("=1+1 &quot;&lt;b&gt;&quot;"))
        #expect(page.contains("/tasks/\(task)"))
        let day = try fixture.openDay()
        #expect(!fixture.get("/account?day=\(day.previous)", as: ada).text.contains("POP-1"))
        #expect(fixture.get("/account?day=yesterday", as: ada).status == 422)
        #expect(fixture.get("/account?cursor=zzz", as: ada).status == 422)
        let json = fixture.get("/api/accounts/me/operations?day=\(day)", as: ada).text
        #expect(json.contains("\"jira_id\":\"POP-1\"") && json.contains("\"kind\":\"fee\""))
    }

    @Test("X24: a long day has pages, and every operation is on one of them")
    func pager() throws {
        for _ in 0..<230 { _ = try fixture.create(bob) }
        try fixture.rest()
        var seen: [String] = []
        var cursor = ""
        while true {
            let answer = fixture.get("/api/accounts/me/operations?limit=50&cursor=\(cursor)", as: bob)
            let page = try JSONDecoder().decode(Page.self, from: Data(answer.body))
            seen += page.items.map(\.entry)
            guard let next = page.next else { break }
            cursor = next
        }
        #expect(seen.count == 230 && Set(seen).count == 230)
        #expect(fixture.get("/account", as: bob).text.contains("cursor="))
    }

    private struct Page: Decodable {
        struct Item: Decodable {
            let entry: String
            let balance: Int64
        }
        let items: [Item]
        let next: String?
    }

    @Test("X29: statements come as CSV, in the order of booking, and no cell is a formula")
    func file() throws {
        try fixture.complete(task, by: ada)
        try fixture.rest()
        let day = try fixture.openDay()
        let answer = fixture.get("/account/\(day)/statement.csv", as: ada)
        #expect(answer.header("content-type")?.hasPrefix("text/csv") == true)
        let lines = answer.text.split(separator: "\r\n")
        #expect(lines.count == 3)
        #expect(lines[1].contains(",fee,") && lines[1].contains("\"'=1+1 \"\"<b>\"\"\""))
        #expect(lines[2].contains(",reward,"))
        #expect(fixture.get("/accounts/\(ada)/\(day)/statement.csv", as: bob).status == 403)
        #expect(fixture.get("/accounts/\(ada)/\(day)/statement.csv", as: accountant).text == answer.text)
        #expect(fixture.get("/money/days.csv", as: accountant).text.split(separator: "\r\n").count == 31)
    }

    @Test("X23: a correction is a new entry that names the one it corrects, with a reason; it is booked once")
    func correction() throws {
        let entry = try #require(try fixture.account(ada).head)
        let before = try fixture.balance(ada)
        let body = "{\"entry\":\"\(entry)\",\"sum\":500,\"reason\":\" Charged  twice \"}"
        #expect(fixture.post("/api/accounts/\(ada)/corrections", body, as: ada).status == 403)
        for _ in 0..<2 {
            #expect(fixture.post("/api/accounts/\(ada)/corrections", body, as: accountant).status == 201)
        }
        #expect(try fixture.balance(ada) == before.plus(Cents(500)))
        let event = try #require(try fixture.events(EntryCorrected.self).first)
        #expect(
            event.corrects == entry && event.reason == "Charged twice" && event.kind == "fee" && event.by == accountant)
        #expect(fixture.get("/account", as: ada).text.contains("Charged twice"))
        #expect(try fixture.problems() == [])
    }

    /// The ids of corrections that wait.
    private func waiting() throws -> [String] {
        let listed = try JSONText(fixture.get("/api/corrections", as: admin).body)
        guard case .list(let items)? = listed.member("items") else { return [] }
        return try items.compactMap { try field("correction", of: Array($0.written.utf8)) }
    }

    private func field(_ name: String, of json: [UInt8]) throws -> String? {
        guard case .string(let text)? = try JSONText(json).member(name) else { return nil }
        return text
    }

    @Test(
        "X23: a correction larger than its entry waits for a second person, is booked once, and says who entered and confirmed it"
    )
    func secondPerson() throws {
        let entry = try #require(try fixture.account(ada).head)
        let (before, corrected) = (
            try fixture.balance(ada), try #require(try fixture.database.read { try Ledger.entry(entry, in: $0) })
        )
        let sum = corrected.amount.amount.magnitude + 1
        let body = "{\"entry\":\"\(entry)\",\"sum\":\(sum),\"reason\":\"Much more\"}"
        let answer = fixture.post("/api/accounts/\(ada)/corrections", body, as: accountant)
        #expect(answer.status == 202)
        let id = try #require(try field("correction", of: answer.body))
        #expect(try fixture.balance(ada) == before && fixture.events(EntryCorrected.self).isEmpty)
        #expect(fixture.get("/corrections", as: admin).text.contains("Much more"))
        // Not whoever entered it, nor whose account it is, nor who may not.
        #expect(fixture.post("/api/corrections/\(id)/confirmation", "", as: accountant, key: "k2").status == 403)
        #expect(fixture.post("/api/corrections/\(id)/confirmation", "", as: ada, key: "k2").status == 403)
        #expect(fixture.get("/corrections", as: admin).text.contains("/corrections/\(id)/confirm\""))
        #expect(!fixture.get("/corrections", as: accountant).text.contains("\(id)/confirm"))
        #expect(fixture.post("/api/corrections/\(id)/refusal", "", as: ada, key: "k4").status == 403)
        for _ in 0..<2 {
            #expect(fixture.post("/api/corrections/\(id)/confirmation", "", as: admin, key: "k2").status == 201)
        }
        #expect(fixture.post("/api/corrections/\(id)/refusal", "", as: admin, key: "k3").status == 409)
        #expect(try fixture.balance(ada) == before.plus(Cents(Int64(sum))))
        let event = try #require(try fixture.events(EntryCorrected.self).first)
        #expect(event.by == accountant && event.confirmedBy == admin && event.entry.description == id)
        let shown = fixture.get("/account", as: ada).text
        #expect(shown.contains("Entered by") && shown.contains("confirmed by"))
        let operations = fixture.get("/api/accounts/\(ada)/operations", as: ada).text
        #expect(operations.contains("\"confirmed_by\":\"\(admin)\""))
        try fixture.rest()
        #expect(try fixture.problems() == [])
        // One that is taken back is booked by nobody any more.
        let other = fixture.submit(
            "/accounts/\(ada)/corrections", "entry=\(entry)&sum=\(Cents(Int64(sum)).plain)&reason=again",
            as: accountant, once: "again")
        #expect(other.status == 303)
        let second = try #require(try waiting().first)
        #expect(fixture.submit("/corrections/\(second)/refusal", "", as: accountant, once: "back").status == 303)
        #expect(fixture.submit("/corrections/\(second)/confirmation", "", as: admin, once: "late").status == 409)
        #expect(try fixture.events(EntryCorrected.self).count == 1)
    }

    @Test("X23: small corrections of one entry count together, and a correction is corrected by two only")
    func together() throws {
        let entry = try #require(try fixture.account(ada).head)
        let fee = try #require(try fixture.database.read { try Ledger.entry(entry, in: $0) }).amount.amount.magnitude
        func correct(_ entry: String, _ sum: UInt, _ key: String) -> WebResponse {
            fixture.post(
                "/api/accounts/\(ada)/corrections", "{\"entry\":\"\(entry)\",\"sum\":\(sum),\"reason\":\"again\"}",
                as: accountant, key: key)
        }
        let first = correct(entry.description, UInt(fee) - 10, "a")
        #expect(first.status == 201)
        #expect(correct(entry.description, 10, "b").status == 201)
        #expect(correct(entry.description, 1, "c").status == 202)
        let booked = try #require(try field("entry", of: first.body))
        #expect(correct(booked, 1, "d").status == 202)
    }

    @Test("X23: nobody corrects their own account: not by the API, not by the form, which is not shown there")
    func ownCorrection() throws {
        let accountant = try fixture.person("Lucia", roles: [Role.employee, Role.accountant])
        let task = try fixture.create(accountant)
        try fixture.rest()
        let found: ID? = try fixture.value("SELECT id FROM entry WHERE account = \(accountant)")
        let entry = try #require(found)
        let body = #"{"entry":"\#(entry)","sum":50000000,"reason":"mine"}"#
        let answer = fixture.post("/api/accounts/\(accountant)/corrections", body, as: accountant)
        #expect(answer.status == 403 && answer.text.contains("accounting.own-account"))
        let form = "entry=\(entry)&sum=500&reason=mine"
        #expect(fixture.submit("/accounts/\(accountant)/corrections", form, as: accountant).status == 403)
        #expect(try fixture.value("SELECT COUNT(*) FROM entry WHERE account = \(accountant)") == 1, "\(task)")
        #expect(!fixture.get("/accounts/\(accountant)", as: accountant).text.contains("#correct"))
    }

    @Test("X25: income is fees less rewards, corrections of either included, payouts not")
    func income() throws {
        let entry = try #require(try fixture.account(ada).head)
        let fee = try Cents.zero.minus(fixture.balance(ada))
        try fixture.complete(task, by: ada)
        try fixture.rest()
        let reward = try fixture.balance(ada).plus(fee)
        let body = "{\"entry\":\"\(entry)\",\"sum\":250,\"reason\":\"too much\"}"
        #expect(fixture.post("/api/accounts/\(ada)/corrections", body, as: admin).status == 201)
        let day = try fixture.openDay()
        let expected = try fee.minus(Cents(250)).minus(reward)
        #expect(
            fixture.get("/api/company-money?from=\(day)&to=\(day)", as: admin).text.contains(
                "\"income\":\(expected.amount)"))
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        #expect(
            fixture.get("/api/company-money?from=\(day)&to=\(day)", as: admin).text.contains(
                "\"income\":\(expected.amount)"))
        #expect(fixture.get("/money", as: accountant).text.contains("<svg"))
        #expect(fixture.get("/api/company-money?from=2020-01-01&to=2026-01-01", as: admin).status == 422)
    }

    @Test(
        "X23: a correction that makes no sense is refused, and the form says at which field",
        arguments: [
            ("sum=0&reason=x", "must not be 0"), ("sum=abc&reason=x", "Not a sum"), ("sum=1.234&reason=x", "Not a sum"),
            ("sum=5&reason=", "needs a reason"), ("sum=9999999&reason=x", "too large"),
        ])
    func refusals(form: String, message: String) throws {
        let entry = try #require(try fixture.account(ada).head)
        let answer = fixture.submit("/accounts/\(ada)/corrections", "entry=\(entry)&\(form)", as: accountant)
        #expect(answer.status == 422)
        #expect(answer.text.contains(message))
        #expect(try fixture.events(EntryCorrected.self).isEmpty)
    }

    @Test("X23: the form books with a comma or a minus sign, and an entry of another account or a payout is refused")
    func form() throws {
        let entry = try #require(try fixture.account(ada).head)
        #expect(
            fixture.get("/accounts/\(ada)?entry=\(entry)", as: accountant).text.contains(
                "action=\"/accounts/\(ada)/corrections\""))
        #expect(
            fixture.submit("/accounts/\(bob)/corrections", "entry=\(entry)&sum=1&reason=x", as: accountant).status
                == 422)
        let before = try fixture.balance(ada)
        let done = fixture.submit("/accounts/\(ada)/corrections", "entry=\(entry)&sum=100,50&reason=x", as: accountant)
        #expect(done.status == 303)
        // More than the fee that it corrects.
        let id = try #require(try waiting().first)
        #expect(fixture.submit("/corrections/\(id)/confirmation", "", as: admin, once: "yes").status == 303)
        #expect(try fixture.balance(ada) == before.plus(Cents(10_050)))
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        let payout = try #require(try fixture.account(ada).head)
        let refused = fixture.submit(
            "/accounts/\(ada)/corrections", "entry=\(payout)&sum=1&reason=x", as: accountant, once: "once-2")
        #expect(refused.status == 422)
    }

    @Test("X53: prices, accounts by name, and what the next close would pay")
    func lookups() throws {
        #expect(fixture.get("/api/tasks/\(task)/price", as: bob).text.contains("\"fee\":"))
        #expect(fixture.get("/api/tasks/\(bob)/price", as: bob).status == 404)
        #expect(fixture.get("/accounting/fragments/tasks/\(task)", as: bob).status == 200)
        // Who was charged when: all of it for the accountant, one's own for anybody else.
        let part = "/accounting/fragments/tasks/\(task)"
        #expect(fixture.get(part, as: accountant).text.contains("/accounts/\(ada)?day="))
        #expect(fixture.get(part, as: ada).text.contains("/account?day="))
        #expect(!fixture.get(part, as: bob).text.contains("?day="))
        let found = fixture.get("/api/accounts?name=ad", as: admin).text
        #expect(found.contains("Ada") && !found.contains("Root"))
        #expect(fixture.get("/api/accounts?name=%25", as: admin).text.contains("\"items\":[]"))
        try fixture.complete(task, by: ada)
        try fixture.rest()
        let next = fixture.get("/api/day-closes/next", as: accountant).text
        let sum = try fixture.balance(ada).amount
        #expect(next.contains("\"people\":1") && next.contains("\"sum\":\(sum)"))
        #expect(fixture.get("/close", as: accountant).text.contains("Ada"))
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        #expect(fixture.get("/api/day-closes", as: accountant).text.contains("\"seal\":\""))
        #expect(fixture.get("/close", as: accountant).status == 200)
    }
}
