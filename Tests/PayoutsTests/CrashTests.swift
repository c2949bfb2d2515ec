import Contracts
import Directory
import Hosting
import Payouts
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// A crash at every statement, commit and call of the provider, one at a time: nobody is paid twice, nobody forgotten.
@Suite("Payouts: crashes")
struct CrashTests {
    private struct Crash: Error {}

    /// Counts the points at which something may fail, and fails at the one that it is told to.
    private final class Trigger: Sendable {
        private let state = Mutex<(count: Int, at: Int?)>((0, nil))
        var count: Int { state.withLock { $0.count } }
        func arm(at point: Int?) { state.withLock { $0 = (0, point) } }
        func pass() throws {
            let crash = state.withLock { state in
                state.count += 1
                return state.count == state.at
            }
            if crash { throw Crash() }
        }
    }

    @Test(
        "X28, X40: whichever statement, commit or call dies, everybody is paid once",
        arguments: [PayoutsFixture.Provider.bank, .builtIn])
    func sweep(provider: PayoutsFixture.Provider) throws {
        var point = 0
        while true {
            let fixture = try PayoutsFixture(provider)
            let people = try (0..<3).map { try fixture.person("P\($0)") }
            try fixture.rest()
            for person in people { fixture.destination(of: person) }
            fixture.bank.script([.pays, .paysAndIsLost, .accepts])
            let payouts = try people.map { try fixture.request($0) }
            let trigger = Trigger()
            trigger.arm(at: point + 1)
            fixture.faults.withLock { $0 = { try trigger.pass() } }
            // A step that dies is taken again, as a restarted process would.
            var quiet = 0
            for _ in 0..<1000 where quiet < 3 {
                do {
                    var moved = false
                    for host in fixture.publishers + [fixture.host] where try host.step() { moved = true }
                    quiet = moved ? 0 : quiet + 1
                } catch {
                    quiet = 0
                }
            }
            let reached = trigger.count > point
            fixture.faults.withLock { $0 = nil }
            // The pause after a lost answer goes by, and all are ordered, before the bank settles what it has accepted.
            try fixture.settle(hours: 1)
            for payout in payouts { fixture.bank.settle(payout, as: .paid) }
            try fixture.settle(hours: 4)
            #expect(try payouts.allSatisfy { try fixture.state($0) == "paid" }, "died at point \(point)")
            #expect(Set(try fixture.events(PayoutPaid.self).map(\.payout)) == Set(payouts))
            #expect(try fixture.events(PayoutPaid.self).count == 3)
            if provider == .bank {
                #expect(fixture.bank.moved.map(\.payout).sorted() == payouts.sorted(), "died at point \(point)")
            }
            #expect(try fixture.problems() == [], "died at point \(point)")
            guard reached else { break }
            point += 1
        }
        #expect(point > 30)
    }

    @Test("X28: random misbehaviour, retries and callbacks in any order pay everybody once", arguments: 1...8)
    func storm(seed: Int) throws {
        let fixture = try PayoutsFixture(seed: UInt64(seed))
        var random = SplitMix64(seed: UInt64(seed))
        let lee = try fixture.person("Lee", roles: [Role.accountant])
        let people = try (0..<4).map { try fixture.person("P\($0)") }
        try fixture.rest()
        let kinds: [SampleBank.Behaviour] = [
            .pays, .accepts, .refuses("no"), .breaks, .paysAndIsLost, .paysAndBabbles, .isLost,
        ]
        var payouts: [ID] = []
        var sent: [[UInt8]] = []
        for round in 0..<60 {
            if let person = people.randomElement(using: &random), round < 40 {
                if round % 7 == 0 { fixture.destination(of: person) }
                payouts.append(try fixture.request(person, Int64.random(in: 1...9999, using: &random)))
            }
            fixture.bank.script((0..<3).compactMap { _ in kinds.randomElement(using: &random) })
            try fixture.rest()
            if let payout = payouts.randomElement(using: &random) {
                let status: PaymentAnswer.Status = Bool.random(using: &random) ? .paid : .refused
                let notice = fixture.bank.settle(payout, as: status, reason: "later")
                if !notice.isEmpty { sent.append(notice) }
                _ = fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee)
            }
            // Callbacks come twice, late, and in any order.
            for notice in sent where Bool.random(using: &random) { #expect(fixture.callback(notice).status == 204) }
            fixture.clock.advance(seconds: Int64.random(in: 1...1200, using: &random))
        }
        for person in people { fixture.destination(of: person) }
        for _ in 0..<20 {
            for payout in payouts {
                fixture.bank.settle(payout, as: .paid)
                if try fixture.state(payout) == "failed" {
                    _ = fixture.send("POST", "/api/payouts/\(payout)/retry", nil, as: lee)
                }
            }
            try fixture.settle(hours: 4)
        }
        #expect(try payouts.allSatisfy { try fixture.state($0) == "paid" })
        #expect(fixture.bank.moved.map(\.payout).sorted() == payouts.sorted())
        #expect(try fixture.events(PayoutPaid.self).count == payouts.count)
        #expect(try fixture.problems() == [])
    }
}
