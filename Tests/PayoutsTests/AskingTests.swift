import Directory
import Payouts
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: what is asked, said and counted", .onEachDatabase)
struct AskingTests {
    private let fixture: PayoutsFixture
    private let ada: ID
    private let lee: ID
    private static let count = "/payouts/fragments/waiting"

    init() throws {
        fixture = try PayoutsFixture()
        ada = try fixture.person("Ada")
        lee = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
    }

    private func waiting() -> String { fixture.get(AskingTests.count, as: lee).text }

    @Test("X28: a hold says first how many payouts it stops and how much that is; so does its end")
    func hold() throws {
        #expect(fixture.get("/payouts/hold/release/confirm", as: lee).status == 409)
        #expect(fixture.get("/payouts/hold/confirm", as: ada).status == 403)
        for sum in [10_00, 2_50] { try fixture.request(ada, Int64(sum)) }
        try fixture.rest()
        let asked = fixture.get("/payouts/hold/confirm", as: lee).text
        #expect(asked.contains("action=\"/payouts/hold\"") && asked.contains("2 pending so far, 12.50"))
        let held = fixture.submit("/payouts/hold", "", as: lee)
        #expect(held.header("location") == "/payouts")
        #expect(fixture.said(held)?.contains("12.50") == true)
        // Without a destination nothing waits for the release.
        #expect(!waiting().contains("count trouble"))
        fixture.destination(of: ada)
        #expect(waiting().contains("count trouble\">2<"))
        let release = fixture.get("/payouts/hold/release/confirm", as: lee).text
        #expect(release.contains("action=\"/payouts/hold/release\"") && release.contains("12.50"))
        let released = fixture.submit("/payouts/hold/release", "", as: lee)
        #expect(fixture.said(released)?.contains("payouts.notice.released") == true)
        #expect(!waiting().contains("count trouble"))
    }

    @Test("X28: a failed payout needs somebody, and what sending it again does is asked first")
    func retry() throws {
        fixture.destination(of: ada)
        fixture.bank.standard(.accepts)
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(fixture.get("/payouts/\(payout)/retry/confirm", as: lee).status == 409)
        #expect(fixture.callback(fixture.bank.settle(payout, as: .refused, reason: "card expired")).status == 204)
        #expect(waiting().contains("count trouble\">1<"))
        #expect(fixture.get(AskingTests.count, as: ada).status == 403)
        #expect(fixture.get("/payouts/\(payout)", as: lee).text.contains("/payouts/\(payout)/retry/confirm"))
        let asked = fixture.get("/payouts/\(payout)/retry/confirm", as: lee).text
        #expect(asked.contains("action=\"/payouts/\(payout)/retry\""))
        #expect(asked.contains("12.50") && asked.contains("•••• 1111") && asked.contains("Ada"))
        let done = fixture.submit("/payouts/\(payout)/retry", "", as: lee)
        #expect(done.header("location") == "/payouts/\(payout)")
        #expect(fixture.said(done)?.contains("12.50") == true)
        #expect(!waiting().contains("count trouble"))
    }

    @Test("X28: a confirmation is refused if the destination has changed since it was shown")
    func movedDestination() throws {
        func stamp(_ page: String) throws -> String {
            let field = try #require(page.firstMatch(of: /name="to" value="(\w+)"/))
            return String(field.output.1)
        }
        fixture.bank.standard(.accepts)
        let failed = try fixture.request(ada)
        let large = try fixture.request(ada, 1_000_01)
        fixture.destination(of: ada)
        try fixture.rest()
        #expect(fixture.callback(fixture.bank.settle(failed, as: .refused, reason: "card expired")).status == 204)
        for (path, card) in [
            ("/payouts/\(failed)/retry", "4000 0000 0000 0002"), ("/payouts/\(large)/release", "5555 5555 5555 4444"),
        ] {
            let before = try stamp(fixture.get(path + "/confirm", as: lee).text)
            fixture.clock.advance(seconds: 1)
            #expect(fixture.destination(card, of: ada).status == 200)
            let refused = fixture.submit(path, "to=\(before)", as: lee)
            #expect(refused.status == 409 && refused.text.contains("has changed since you were asked"))
            let asked = fixture.get(path + "/confirm", as: lee).text
            #expect(asked.contains("•••• \(card.suffix(4))"))
            let done = try fixture.submit(path, "to=\(stamp(asked))", as: lee)
            #expect(done.status == 303)
        }
    }

    @Test("X28: a payout above the limit needs somebody, and what its release does is asked first")
    func release() throws {
        fixture.destination(of: ada)
        let payout = try fixture.request(ada, 1_000_01)
        try fixture.rest()
        #expect(waiting().contains("count trouble\">1<"))
        let asked = fixture.get("/payouts/\(payout)/release/confirm", as: lee).text
        #expect(asked.contains("action=\"/payouts/\(payout)/release\"") && asked.contains("1,000.01"))
        #expect(fixture.said(fixture.submit("/payouts/\(payout)/release", "", as: lee))?.contains("1,000.01") == true)
        #expect(fixture.get("/payouts/\(payout)/release/confirm", as: lee).status == 409)
        let own = try fixture.request(lee, 1_000_01)
        try fixture.rest()
        #expect(fixture.get("/payouts/\(own)/release/confirm", as: lee).status == 403)
    }

    @Test("X28: a payout whose provider is gone needs somebody")
    func orphaned() throws {
        fixture.destination(of: ada)
        fixture.bank.standard(.accepts)
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(!waiting().contains("count trouble"))
        try fixture.database.write { try $0.send("UPDATE attempt SET provider = 'old.example.com'") }
        #expect(waiting().contains("count trouble\">1<"))
        let done = fixture.submit("/payouts/\(payout)/outcome", "status=paid&note=statement", as: lee)
        #expect(fixture.said(done)?.contains("payouts.notice.settled.paid") == true)
        #expect(!waiting().contains("count trouble"))
    }

    @Test("X28: who has said where the money goes is told where that is, and no more than the last four")
    func destination() throws {
        let done = fixture.submit("/payouts/destination", "number=4111+1111+1111+1111", as: ada)
        #expect(done.header("location") == "/account")
        let said = try #require(fixture.said(done))
        #expect(said.contains("•••• 1111") && said.contains("card") && !said.contains("4111"))
    }
}
