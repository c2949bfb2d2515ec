import Accounting
import Contracts
import Ledger
import Messaging
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts in the ledger", .onEachDatabase)
struct SettlementTests {
    let fixture: AccountingFixture
    let payout: PayoutRequested

    init() throws {
        fixture = try AccountingFixture()
        let ada = try fixture.person("Ada")
        for _ in 0..<3 { try fixture.complete(try fixture.create(ada), by: ada) }
        try fixture.rest()
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        payout = try #require(try fixture.events(PayoutRequested.self).first)
    }

    func paid(_ sum: Cents, payout id: ID? = nil) -> PayoutPaid {
        PayoutPaid(
            payout: id ?? payout.payout, person: payout.person, day: payout.day, sum: sum, reference: nil,
            time: fixture.clock.now)
    }

    func sum(_ name: String) throws -> Int64 {
        try fixture.value(SQL("SELECT COALESCE(SUM(credit) - SUM(debit), 0) FROM company_sum WHERE name = \(name)"))
            ?? 0
    }

    @Test("X28: a paid payout is moved from clearing to the bank, once, and all of it is zero in sum")
    func booked() throws {
        #expect(try sum("payouts-clearing") == payout.sum.amount)
        let event = try fixture.tell(paid(payout.sum))
        try fixture.tell(paid(payout.sum), id: event)
        try fixture.rest()
        #expect(try sum("payouts-clearing") == 0 && sum("bank") == payout.sum.amount)
        #expect(try fixture.problems() == [])
        // The day on which it is booked has no payout of its own, and its close none either.
        let day = try fixture.openDay()
        #expect(fixture.get("/api/company-money?from=\(day)&to=\(day)", as: payout.person).status == 403)
        fixture.clock.advance(seconds: 86_400)
        try fixture.rest()
        let paidOn: Int64? = try fixture.value("SELECT paid FROM day_close WHERE day = \(day)")
        let payouts: Int64? = try fixture.value("SELECT payouts FROM day_close WHERE day = \(day)")
        #expect(paidOn == 0 && payouts == 0)
        #expect(try fixture.problems() == [])
    }

    @Test("X28: a payment of what no close has asked for, or of another sum, is parked and books nothing")
    func unknown() throws {
        try fixture.tell(paid(Cents(1)))
        try fixture.tell(paid(payout.sum, payout: fixture.clock.environment.newID()))
        try fixture.rest()
        let parked: Int64? = try fixture.value("SELECT COUNT(*) FROM parked")
        #expect(parked == 2)
        #expect(try sum("bank") == 0)
    }

    @Test(
        "X23: a transfer that was changed, left out or added shows",
        arguments: [
            ("UPDATE company_transfer SET amount = amount + 1", "does not fit its chain"),
            ("DELETE FROM company_transfer", "ends at 0"),
            ("UPDATE company_sum SET credit = credit + 1 WHERE name = 'bank'", "the sum of bank"),
            ("UPDATE company_transfer SET target = 'pocket'", "unknown kind"),
        ])
    func changed(change: String, finding: String) throws {
        try fixture.tell(paid(payout.sum))
        try fixture.rest()
        #expect(try fixture.problems() == [])
        try fixture.database.write { try $0.send(SQL(text: change, values: [])) }
        let problems = try fixture.problems()
        #expect(problems.contains { $0.contains(finding) }, "\(problems)")
    }
}
