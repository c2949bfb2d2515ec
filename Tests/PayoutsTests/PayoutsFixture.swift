import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import Payouts
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Payouts on its own, in memory, beside an Accounting and an Identity that only write their journals, and a bank that
/// does as it is told.
final class PayoutsFixture: Sendable {
    let clock: SteppedClock
    let bank: SampleBank
    let service: PayoutsService
    let database: any Database
    let accounting: any Database
    let identity: any Database
    let host: ServiceHost
    let publishers: [ServiceHost]
    let entrance: Entrance
    /// Called at each point where the database, or the way to the provider, may fail.
    let faults = Mutex<(@Sendable () throws -> Void)?>(nil)

    enum Provider { case builtIn, bank }

    static let key = Array("a key of thirty-two bytes, right".utf8)
    static let card = "4111 1111 1111 1111"
    static let iban = "DE89 3704 0044 0532 0130 00"

    init(seed: UInt64 = 1, _ provider: Provider = .bank) throws {
        let clock = SteppedClock(seed: seed)
        self.clock = clock
        let bank = SampleBank(now: { clock.now })
        self.bank = bank
        let relay = FaultRelay()
        let company = Company.test()
        let sample = try HTTPProvider.sample(bank, now: { clock.now }, fault: { try relay.call() })
        service = PayoutsService(
            company: company, key: PayoutsFixture.key, codes: .trial, provider: provider == .bank ? sample : nil,
            environment: clock.environment)
        database = try TestDatabase.fresh("payouts", faults: { _ in try relay.call() })
        accounting = try TestDatabase.fresh("accounting")
        identity = try TestDatabase.fresh("identity")
        let log = MemoryEventLog()
        host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        publishers = [
            ServiceHost(
                Publisher("accounting", .accounting), database: accounting, log: log, environment: clock.environment),
            ServiceHost(Publisher("identity", .identity), database: identity, log: log, environment: clock.environment),
        ]
        for host in publishers + [host] { try host.prepare() }
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: "payouts", endpoints: service.endpoints, database: database,
                setting: .init(
                    environment: clock.environment, company: company, pages: pages, secret: PayoutsFixture.key,
                    log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))))
        relay.hook.withLock { $0 = { [weak self] in try self?.faults.withLock { $0 }?() } }
    }

    /// Forwards to the fixture that is made after the database.
    private final class FaultRelay: Sendable {
        let hook = Mutex<(@Sendable () throws -> Void)?>(nil)
        func call() throws { try hook.withLock { $0 }?() }
    }

    // MARK: What happens

    func person(_ name: String = "Ada", roles: Set<String> = [Role.employee]) throws -> ID {
        let id = clock.environment.newID()
        try tell(
            PersonRegistered(
                person: Person(id: id, name: name, email: "\(id)@popug.test", roles: roles, active: true)),
            id: id, of: identity, .identity)
        return id
    }

    /// A close asks for a payout.
    @discardableResult
    func request(_ person: ID, _ sum: Int64 = 12_50, day: Day = Day(number: 20_514)) throws -> ID {
        let payout = clock.environment.newID()
        try tell(
            PayoutRequested(payout: payout, person: person, day: day, sum: Cents(sum), time: clock.now), id: payout,
            of: accounting, .accounting)
        return payout
    }

    func tell(_ event: some Event, id: ID, of database: any Database, _ topic: Topic) throws {
        let now = clock.now
        try database.write { try Journal(topic: topic).append(event, id: id, at: now, trace: "test", in: $0) }
    }

    @discardableResult
    func destination(_ number: String = PayoutsFixture.card, of person: ID) -> WebResponse {
        send("PUT", "/api/accounts/me/destination", "{\"number\":\"\(number)\"}", as: person)
    }

    /// Everything that can be done now.
    func rest() throws {
        for _ in 0..<10_000 {
            var moved = false
            for host in publishers + [host] where try host.step() { moved = true }
            if !moved { return }
        }
        Issue.record("the services do not come to rest")
    }

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

    func events<E: Event>(_ type: E.Type = E.self) throws -> [E] {
        try database.read { transaction in
            try transaction.fetch("SELECT data FROM journal WHERE name = \(E.name) ORDER BY position").map {
                try JSONDecoder().decode(E.self, from: Data(try $0(0, as: [UInt8].self)))
            }
        }
    }

    /// What `verify` finds.
    func problems() throws -> [String] {
        try TestDatabase.problems(service.checks, in: [("payouts", database), ("accounting", accounting)])
    }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse { send("GET", target, nil, as: person) }

    func send(_ method: String, _ target: String, _ json: String?, as person: ID, key: String? = nil) -> WebResponse {
        var request = WebRequest(method, target, credential: .local(person))
        if method != "GET" { request.headers.idempotencyKey = key ?? clock.environment.newID().description }
        if let json {
            request.headers.contentType = "application/json"
            request.body = Array(json.utf8)
        }
        return entrance.runNow(request)
    }

    func submit(_ target: String, _ form: String, as person: ID) -> WebResponse {
        let headers = WebRequest.Headers(contentType: "application/x-www-form-urlencoded")
        return entrance.runNow(
            WebRequest(
                "POST", target, headers: headers, body: Array("once=\(clock.environment.newID())&\(form)".utf8),
                credential: .local(person)))
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

/// A service that only publishes.
struct Publisher: Service {
    let name: String
    let journal: Journal
    let migrations: [Migration] = []
    let reactions: [Reaction] = []
    let endpoints: [Endpoint] = []
    let pages = PageSet.none
    let navigation: [NavigationItem] = []
    let jobs: [Job] = []
    let checks: [Check] = []

    init(_ name: String, _ topic: Topic) {
        self.name = name
        journal = Journal(topic: topic)
    }
}
