import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import Payouts
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Payouts on its own, beside an Accounting and an Identity that only write their journals, and a bank that does as it is
/// told.
final class PayoutsFixture: Sendable {
    private let fixture: ServiceFixture<PayoutsService>
    var clock: SteppedClock { fixture.clock }
    var service: PayoutsService { fixture.service }
    var database: any Database { fixture.database }
    var host: ServiceHost { fixture.host }
    var publishers: [ServiceHost] { fixture.publishers }
    var entrance: Entrance { fixture.entrance }
    let bank: SampleBank
    /// Called at each point where the database, or the way to the provider, may fail.
    let faults = Mutex<(@Sendable () throws -> Void)?>(nil)

    enum Provider { case builtIn, bank }

    static let key = TestExchange.secret
    static let card = "4111 1111 1111 1111"
    static let iban = "DE89 3704 0044 0532 0130 00"

    init(seed: UInt64 = 1, _ provider: Provider = .bank) throws {
        let clock = SteppedClock(seed: seed)
        let bank = SampleBank(now: { clock.now })
        let relay = FaultSwitch()
        fixture = try ServiceFixture(PayoutsService.self, beside: [.accounting, .identity], clock: clock) { parts in
            let sample = try HTTPProvider.sample(bank, now: { clock.now }, fault: { try relay.call(.beforeCommit) })
            return try PayoutsService(parts, provider: provider == .bank ? sample : nil)
        }
        self.bank = bank
        let hook: FaultHook = { [weak self] _ in try self?.faults.withLock { $0 }?() }
        relay.set(hook)
        fixture.faults.set(hook)
    }

    // MARK: What happens

    func person(_ name: String = "Ada", roles: Set<String> = [Role.employee]) throws -> ID {
        try fixture.person(name, roles: roles)
    }

    /// A close asks for a payout.
    @discardableResult
    func request(_ person: ID, _ sum: Int64 = 12_50, day: Day = Day(number: 20_514)) throws -> ID {
        let payout = clock.environment.newID()
        try tell(
            PayoutRequested(payout: payout, person: person, day: day, sum: Cents(sum), time: clock.now), id: payout)
        return payout
    }

    func tell(_ event: some Event, id: ID) throws { try fixture.publish(event, id: id) }

    @discardableResult
    func destination(_ number: String = PayoutsFixture.card, of person: ID) -> WebResponse {
        send("PUT", "/api/accounts/me/destination", "{\"number\":\"\(number)\"}", as: person)
    }

    /// Everything that can be done now.
    func rest() throws { try fixture.settle() }

    /// Lets time pass, so that what waits for its pause is done, until nothing is left to ask.
    func settle(hours: Int = 30) throws {
        for _ in 0..<hours * 2 {
            try rest()
            clock.advance(seconds: 1800)
        }
        try rest()
    }

    // MARK: What there is

    func state(_ payout: ID) throws -> String? {
        try database.read { try $0.value("SELECT state FROM payout WHERE id = \(payout)") }
    }

    func events<E: Event>(_ type: E.Type = E.self) throws -> [E] { try fixture.events(type) }

    /// What the list of changes by hand shows, the oldest first.
    func changesByHand() throws -> [AuditEntry] { try fixture.changesByHand() }

    /// What `verify` finds.
    func problems() throws -> [String] { try fixture.problems() }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse { fixture.get(target, as: person) }

    func send(_ method: String, _ target: String, _ json: String?, as person: ID, key: String? = nil) -> WebResponse {
        fixture.send(method, target, json, as: person, key: key)
    }

    func submit(_ target: String, _ form: String, as person: ID) -> WebResponse {
        fixture.submit(target, form, as: person)
    }

    /// What a form's answer has the next page say, as JSON; `nil` where that is nothing.
    func said(_ response: WebResponse) -> String? {
        let cookies = response.headers.filter { $0.name == "set-cookie" }.map { $0.value }
        guard let cookie = cookies.first(where: { $0.contains("popug_said=") }),
            let value = cookie.split(separator: "=", maxSplits: 1).last?.prefix(while: { $0 != "." }),
            let bytes = Base64URL.decode(value)
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    static let callbacks = "/api/payouts/callbacks"

    /// What the provider sends by itself. Signed now and rightly, unless it is said otherwise.
    func callback(_ body: [UInt8], signature: String? = nil, at time: Instant? = nil) -> WebResponse {
        let right = SignedRequest.value(
            "POST", PayoutsFixture.callbacks, body: body, at: time ?? clock.now, secret: SampleBank.secret)
        return entrance.runNow(
            WebRequest(
                "POST", PayoutsFixture.callbacks,
                headers: WebRequest.Headers(contentType: "application/json", signature: signature ?? right), body: body)
        )
    }
}
