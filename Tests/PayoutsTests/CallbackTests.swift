import Contracts
import Directory
import Payouts
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Payouts: callbacks and the hold", .onEachDatabase)
struct CallbackTests {
    let fixture: PayoutsFixture
    let ada: ID
    let lee: ID

    init() throws {
        fixture = try PayoutsFixture()
        ada = try fixture.person()
        lee = try fixture.person("Lee", roles: [Role.accountant])
        try fixture.rest()
        fixture.destination(of: ada)
    }

    func accepted() throws -> ID {
        fixture.bank.script([.accepts])
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.state(payout) == "sent")
        return payout
    }

    @Test("X28: a signed callback settles what was accepted; sent again it changes nothing")
    func settled() throws {
        let payout = try accepted()
        let notice = fixture.bank.settle(payout, as: .paid)
        for _ in 0..<3 { #expect(fixture.callback(notice).status == 204) }
        #expect(try fixture.state(payout) == "paid")
        #expect(try fixture.events(PayoutPaid.self).count == 1)
        #expect(try fixture.problems() == [])
    }

    private func holds() throws -> Int? {
        try fixture.database.read { try $0.value("SELECT COUNT(*) FROM hold WHERE released_at IS NULL") }
    }

    @Test(
        "X28: a callback that says that another sum was paid is booked nowhere, and payouts are held until somebody looks"
    )
    func otherSum() throws {
        let payout = try accepted()
        let keeper = try fixture.person("Abe", roles: [Role.accountant])
        try fixture.rest()
        let notice = fixture.bank.settle(payout, as: .paid)
        let text = String(decoding: notice, as: UTF8.self)
        let other = Array(text.replacing(#/"sum":\d+/#, with: "\"sum\":1").utf8)
        #expect(other != notice)
        for _ in 0..<2 { #expect(fixture.callback(other).status == 204) }
        #expect(try fixture.state(payout) == "sent")
        #expect(try fixture.events(PayoutPaid.self).isEmpty)
        #expect(try holds() == 1)
        let shown = fixture.get("/payouts/\(payout)", as: keeper).text
        #expect(shown.contains("the provider says that it has paid 0.01, and ") && shown.contains("/outcome"))
        // Said again after somebody has looked, it is no news.
        try fixture.database.write { try $0.send("UPDATE hold SET released_at = 1") }
        #expect(fixture.callback(other).status == 204)
        #expect(try holds() == 0)
        // A person says what is true, and never of their own.
        let body = #"{"status":"paid","note":"their statement of Monday"}"#
        #expect(fixture.send("POST", "/api/payouts/\(payout)/outcome", body, as: keeper).status == 200)
        #expect(fixture.callback(notice).status == 204)
        #expect(try fixture.state(payout) == "paid")
        #expect(try fixture.events(PayoutPaid.self).count == 1)
        #expect(try fixture.problems() == [])
    }

    @Test("X28: without a callback the provider is asked, until it knows")
    func noCallback() throws {
        let payout = try accepted()
        fixture.bank.settle(payout, as: .refused, reason: "no such account")
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "failed")
        #expect(try fixture.events(PayoutFailed.self).map(\.reason) == ["no such account"])
    }

    @Test("X28: a forged, altered, old or missing signature changes nothing")
    func forged() throws {
        let payout = try accepted()
        let notice = fixture.bank.settle(payout, as: .paid)
        let now = fixture.clock.now
        let path = PayoutsFixture.callbacks
        let other = Array("another secret altogether".utf8)
        let refused = [
            SignedRequest.value("POST", path, body: notice, at: now, secret: other),
            SignedRequest.value("POST", path, body: notice + [0x20], at: now, secret: SampleBank.secret),
            SignedRequest.value("POST", path + "/x", body: notice, at: now, secret: SampleBank.secret),
            SignedRequest.value("GET", path, body: notice, at: now, secret: SampleBank.secret),
            SignedRequest.value(
                "POST", path, body: notice, at: now.adding(seconds: -301), secret: SampleBank.secret),
            SignedRequest.value(
                "POST", path, body: notice, at: now.adding(seconds: 301), secret: SampleBank.secret),
            "", "t=1,v1=", "v1=00", "t=99999999999999999999,v1=0", "t=-1,v1=zz", String(repeating: "t=1,", count: 90),
        ]
        for signature in refused {
            #expect(fixture.callback(notice, signature: signature).status == 401, "\(signature.prefix(40))")
        }
        let bare = WebRequest(
            "POST", path, headers: WebRequest.Headers(contentType: "application/json"), body: notice)
        #expect(fixture.entrance.runNow(bare).status == 401)
        #expect(try fixture.state(payout) == "sent")
        #expect(fixture.callback(notice).status == 204)
    }

    @Test("X28: a signed notice of nothing that is known, or of nothing at all, is refused")
    func strange() throws {
        let stranger = fixture.clock.environment.newID()
        #expect(
            fixture.callback(Array("{\"payout\":\"\(stranger)\",\"attempt\":1,\"status\":\"paid\"}".utf8)).status == 404
        )
        for body in [
            "", "{", "[]", "{}", "{\"payout\":\"x\",\"attempt\":1,\"status\":\"paid\"}",
            "{\"payout\":\"\(stranger)\",\"attempt\":0,\"status\":\"paid\"}",
            "{\"payout\":\"\(stranger)\",\"attempt\":1,\"status\":\"gone\"}",
            "{\"payout\":\"\(stranger)\",\"attempt\":1,\"status\":\"paid\",\"sum\":5}",
        ] {
            let status = fixture.callback(Array(body.utf8)).status
            #expect((400..<500).contains(status), "\(body): \(status)")
        }
        #expect(fixture.callback([UInt8](repeating: 0x20, count: 20_000)).status == 413)
    }

    @Test("X28: a late refusal of an earlier attempt does not fail the present one")
    func late() throws {
        let payout = try accepted()
        let refusal = fixture.bank.settle(payout, as: .refused, reason: "card expired")
        #expect(fixture.callback(refusal).status == 204)
        #expect(try fixture.state(payout) == "failed")
        fixture.bank.script([.accepts])
        #expect(fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee).status == 200)
        #expect(fixture.callback(refusal).status == 204)
        #expect(try fixture.state(payout) == "pending")
        try fixture.rest()
        #expect(fixture.callback(refusal).status == 204)
        #expect(try fixture.state(payout) == "sent")
        #expect(fixture.callback(fixture.bank.settle(payout, as: .paid)).status == 204)
        #expect(fixture.callback(refusal).status == 204)
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.count == 1)
        #expect(try fixture.problems() == [])
    }

    @Test("X28: a provider that never had the attempt cannot refuse or accept it; that it has paid is believed")
    func otherProvider() throws {
        let payout = try accepted()
        let accepting = fixture.bank.notice(of: payout)
        let refusal = fixture.bank.settle(payout, as: .refused, reason: "never heard of it")
        try fixture.database.write {
            try $0.send("UPDATE attempt SET provider = 'old.example.com', outcome = 'open', reference = NULL")
        }
        for notice in [accepting, refusal] { #expect(fixture.callback(notice).status == 204) }
        #expect(try fixture.state(payout) == "sent")
        let outcome: String? = try fixture.database.read { try $0.value("SELECT outcome FROM attempt") }
        #expect(outcome == "open")
        #expect(try fixture.events(PayoutFailed.self).isEmpty)
        let text = String(decoding: refusal, as: UTF8.self)
        let paid = Array(text.replacing("\"refused\"", with: "\"paid\"").utf8)
        #expect(fixture.callback(paid).status == 204)
        #expect(try fixture.state(payout) == "paid")
        #expect(try fixture.problems() == [])
    }

    @Test("X28: after a restore nothing new goes out until somebody releases it; what was sent is still asked about")
    func restored() throws {
        let first = try accepted()
        let now = fixture.clock.now
        try fixture.database.write { try fixture.service.restored(in: $0, at: now) }
        let second = try fixture.request(ada)
        fixture.bank.settle(first, as: .paid)
        let requests = fixture.bank.requests
        try fixture.settle(hours: 2)
        #expect(try fixture.state(first) == "paid" && fixture.bank.requests > requests)
        #expect(try fixture.state(second) == "pending")
        #expect(fixture.get("/payouts", as: lee).text.contains("href=\"/payouts/hold/release/confirm\""))
        #expect(fixture.get("/api/payouts/\(second)", as: ada).text.contains("\"waits_for\":\"release\""))
        #expect(fixture.send("POST", "/api/payouts/hold/release", nil, as: ada).status == 403)
        #expect(fixture.send("POST", "/api/payouts/hold/release", nil, as: lee).status == 200)
        #expect(fixture.send("POST", "/api/payouts/hold/release", nil, as: lee).status == 409)
        try fixture.rest()
        #expect(try fixture.state(second) == "paid")
        #expect(fixture.bank.moved.count == 2)
    }

    @Test("X28: put back to a moment before it was sent, a payout is ordered again under its key, and paid once")
    func restoredBefore() throws {
        let payout = try fixture.request(ada)
        try fixture.rest()
        #expect(try fixture.state(payout) == "paid")
        let now = fixture.clock.now
        try fixture.database.write { transaction in
            // As the backup of a moment earlier would have it.
            try transaction.send("DELETE FROM attempt WHERE payout = \(payout)")
            try transaction.send(
                "UPDATE payout SET state = 'pending', attempt = 0, due_at = \(now) WHERE id = \(payout)")
            try transaction.send("DELETE FROM journal WHERE name = \(PayoutPaid.name) AND number IS NULL")
            try fixture.service.restored(in: transaction, at: now)
        }
        try fixture.rest()
        #expect(try fixture.state(payout) == "pending")
        #expect(fixture.submit("/payouts/hold/release", "", as: lee).status == 303)
        try fixture.rest()
        #expect(try fixture.state(payout) == "paid")
        #expect(fixture.bank.moved.count == 1)
    }

    @Test("X28: an accountant may hold payouts by hand")
    func held() throws {
        #expect(fixture.send("POST", "/api/payouts/hold", nil, as: ada).status == 403)
        #expect(fixture.send("POST", "/api/payouts/hold", nil, as: lee).text.contains("\"held\":true"))
        fixture.bank.script([.isLost])
        let payout = try fixture.request(ada)
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "pending" && fixture.bank.requests == 0)
        #expect(fixture.get("/payouts", as: lee).text.contains("Lee"))
        #expect(fixture.send("POST", "/api/payouts/hold/release", nil, as: lee).status == 200)
        try fixture.settle(hours: 2)
        #expect(try fixture.state(payout) == "paid")
    }
}
