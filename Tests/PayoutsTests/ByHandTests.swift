import Directory
import Hosting
import Payouts
import Schemas
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: changes by hand", .onEachDatabase)
struct ByHandTests {
    private let fixture: PayoutsFixture
    private let ada: ID
    private let lee: ID

    init() throws {
        fixture = try PayoutsFixture()
        ada = try fixture.person("Ada")
        lee = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
    }

    private func post(_ path: String, _ json: String? = nil, as person: ID) -> Int {
        fixture.send("POST", "/api/payouts/\(path)", json, as: person).status
    }

    /// The changes that are listed, without those of destinations.
    private func changes() throws -> [Audit] {
        let entries = try fixture.changesByHand()
        #expect(entries.allSatisfy { $0.isRight && $0.area == .money })
        return entries.compactMap(\.audit).filter { $0.kind != "destination" }
    }

    @Test("Who holds payouts, and who lets them go, is on the list; who is refused, or changes nothing, is not")
    func hold() throws {
        #expect(post("hold", as: ada) == 403 && post("hold/release", as: lee) == 409)
        #expect(try changes().isEmpty)
        for _ in 0..<2 { #expect(post("hold", as: lee) == 200) }
        #expect(post("hold/release", as: lee) == 200 && post("hold/release", as: lee) == 409)
        let changes = try changes()
        #expect(changes.map(\.kind) == ["held", "hold-released"])
        #expect(changes.allSatisfy { $0.by == lee && $0.person == nil && $0.saysWho })
    }

    @Test("Who settles, sends again or releases a payout is on the list, with its person and its sum")
    func decisions() throws {
        fixture.destination(of: ada)
        fixture.bank.standard(.accepts)
        let orphaned = try fixture.request(ada)
        try fixture.rest()
        let outcome = "{\"status\":\"paid\",\"note\":\"Statement of May\"}"
        #expect(post("\(orphaned)/outcome", outcome, as: lee) == 409)
        try fixture.database.write { try $0.send("UPDATE attempt SET provider = 'old.example.com'") }
        #expect(post("\(orphaned)/outcome", outcome, as: ada) == 403)
        #expect(try changes().isEmpty)
        #expect(post("\(orphaned)/outcome", outcome, as: lee) == 200)
        let failed = try fixture.request(ada, 20_00)
        try fixture.rest()
        #expect(post("\(failed)/retry", as: lee) == 409)
        #expect(fixture.callback(fixture.bank.settle(failed, as: .refused, reason: "card expired")).status == 204)
        #expect(post("\(failed)/retry", as: lee) == 200)
        let (large, own) = (try fixture.request(ada, 1_000_01), try fixture.request(lee, 1_000_01))
        try fixture.rest()
        #expect(post("\(own)/release", as: lee) == 403)
        #expect(post("\(large)/release", as: lee) == 200 && post("\(large)/release", as: lee) == 409)
        let changes = try changes()
        #expect(changes.map(\.kind) == ["settled-paid", "retried", "released"])
        #expect(changes.map(\.sum) == [Cents(12_50), Cents(20_00), Cents(1_000_01)])
        #expect(changes.allSatisfy { $0.by == lee && $0.person == ada })
        #expect(changes.first?.reason == "Statement of May")
    }
}
