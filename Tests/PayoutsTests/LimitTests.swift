import Directory
import Payouts
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: the limit", .onEachDatabase)
struct LimitTests {
    private let fixture: PayoutsFixture
    private let ada: ID
    private let keeper: ID
    private let other: ID

    init() throws {
        fixture = try PayoutsFixture()
        ada = try fixture.person()
        keeper = try fixture.person("Abe", roles: [Role.accountant, Role.employee])
        other = try fixture.person("Lea", roles: [Role.accountant])
        try fixture.rest()
    }

    private func release(_ payout: ID, as person: ID, key: String = "r1") -> WebResponse {
        fixture.send("POST", "/api/payouts/\(payout)/release", nil, as: person, key: key)
    }

    @Test("X28: a payout above the limit waits until a keeper releases it; one at the limit goes by itself")
    func waits() throws {
        #expect(fixture.destination(of: ada).status == 200)
        let (large, small) = (try fixture.request(ada, 1_000_01), try fixture.request(ada, 1_000_00))
        try fixture.settle(hours: 2)
        #expect(try fixture.state(small) == "paid" && fixture.state(large) == "pending")
        #expect(fixture.get("/api/payouts/\(large)", as: ada).text.contains("\"waits_for\":\"limit\""))
        #expect(fixture.get("/payouts/\(large)", as: keeper).text.contains("/payouts/\(large)/release"))
        #expect(try fixture.problems() == [])
        #expect(release(large, as: ada).status == 403)
        // A new destination does not let it go.
        #expect(fixture.destination("5555555555554444", of: ada).status == 200)
        try fixture.settle(hours: 1)
        #expect(try fixture.state(large) == "pending")
        for _ in 0..<2 { #expect(release(large, as: keeper).status == 200) }
        #expect(release(large, as: other).status == 409)
        try fixture.rest()
        #expect(try fixture.state(large) == "paid")
        #expect(fixture.get("/api/payouts/\(large)", as: keeper).text.contains("\"released_by\":\"\(keeper)\""))
        #expect(fixture.get("/payouts/\(large)", as: other).text.contains("Abe"))
        #expect(try fixture.problems() == [])
    }

    /// How often the databases are written to, or the provider is called, when there is nothing to do.
    private func idle() throws -> Int {
        try fixture.rest()
        let calls = Mutex(0)
        let count: @Sendable () throws -> Void = { calls.withLock { $0 += 1 } }
        fixture.faults.withLock { $0 = count }
        defer { fixture.faults.withLock { $0 = nil } }
        try fixture.rest()
        return calls.withLock { $0 }
    }

    @Test("X28: above the limit, failed and sent again, or disputed, a payout waits for a person and keeps no job busy")
    func againAndDisputed() throws {
        #expect(fixture.destination(of: ada).status == 200)
        let (again, disputed) = (try fixture.request(ada, 1_000_01), try fixture.request(ada, 1_000_02))
        try fixture.rest()
        fixture.clock.advance(seconds: 3700)
        let quiet = try idle()
        // As a restore leaves them: the provider knows of what was released since the backup.
        for payout in [again, disputed] {
            let told = #"{"payout":"\#(payout)","attempt":1,"status":"paid","sum":1}"#
            #expect(fixture.callback(Array(told.utf8)).status == 204)
        }
        try fixture.database.write { try $0.send("UPDATE hold SET released_at = 1") }
        #expect(try fixture.state(again) == "sent" && fixture.state(disputed) == "sent")
        let outcome = #"{"status":"refused","note":"their statement of Monday"}"#
        #expect(fixture.send("POST", "/api/payouts/\(again)/outcome", outcome, as: other).status == 200)
        #expect(fixture.send("POST", "/api/payouts/\(again)/retry", nil, as: other).status == 200)
        #expect(fixture.get("/api/payouts/\(again)", as: other).text.contains("\"waits_for\":\"limit\""))
        fixture.clock.advance(seconds: 3700)
        #expect(try idle() == quiet)
        #expect(try fixture.state(again) == "pending" && fixture.state(disputed) == "sent")
        // Under a hold, nothing of them counts as ready.
        #expect(fixture.submit("/payouts/hold", "", as: other).status == 303)
        #expect(fixture.get("/payouts/hold/release/confirm", as: other).text.contains("Ready: 0, "))
        #expect(fixture.get("/payouts/fragments/waiting", as: other).text.contains("count trouble\">2<"))
        #expect(fixture.submit("/payouts/hold/release", "", as: other).status == 303)
        #expect(release(again, as: other).status == 200)
        try fixture.rest()
        #expect(try fixture.state(again) == "paid")
        #expect(try fixture.problems() == [])
    }

    @Test("X28: nobody releases their own; without a destination a released one waits for that")
    func own() throws {
        let payout = try fixture.request(keeper, 2_000_00)
        try fixture.rest()
        #expect(release(payout, as: keeper).status == 403)
        #expect(!fixture.get("/payouts/\(payout)", as: keeper).text.contains("/payouts/\(payout)/release"))
        let form = fixture.submit("/payouts/\(payout)/release", "", as: other)
        #expect(form.status == 303)
        try fixture.rest()
        #expect(fixture.get("/api/payouts/\(payout)", as: other).text.contains("\"waits_for\":\"destination\""))
        #expect(fixture.destination(of: keeper).status == 200)
        try fixture.rest()
        #expect(try fixture.state(payout) == "paid")
    }
}
