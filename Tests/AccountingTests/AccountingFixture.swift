import Accounting
import Contracts
import Directory
import Foundation
import Hosting
import Ledger
import Logging
import Messaging
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Accounting on its own, beside a Tracker that only writes its journal; events go the real way between
/// them.
final class AccountingFixture: Sendable {
    let clock: SteppedClock
    let company: Company
    let service: AccountingService
    let database: any Database
    let tracker: any Database
    let identity: any Database
    let payouts: any Database
    let host: ServiceHost
    let publishers: [ServiceHost]
    let entrance: Entrance
    /// Called at each point where the database may fail; see ``crash(at:_:)``.
    let faults: Mutex<FaultHook?>
    /// A task's name and its events, as the Tracker would have them.
    let titles = Mutex<[ID: String]>([:])

    init(
        seed: UInt64 = 1, zone: String = "Europe/Berlin", closingHour: Int = 0, start: Instant? = nil,
        ranges: PriceRanges = .standard
    ) throws {
        clock = start.map { SteppedClock(seed: seed, start: $0) } ?? SteppedClock(seed: seed)
        company = .test(zone: zone, closingHour: closingHour)
        service = AccountingService(
            company: company, secret: AccountingFixture.secret, codes: .trial, ranges: ranges,
            environment: clock.environment)
        let hook = FaultRelay()
        faults = Mutex(nil)
        database = try TestDatabase.fresh("accounting", faults: { try hook.call($0) })
        tracker = try TestDatabase.fresh("tracker")
        identity = try TestDatabase.fresh("identity")
        payouts = try TestDatabase.fresh("payouts")
        let log = MemoryEventLog()
        host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        publishers = [
            ServiceHost(Publisher("tracker", .tracker), database: tracker, log: log, environment: clock.environment),
            ServiceHost(Publisher("identity", .identity), database: identity, log: log, environment: clock.environment),
            ServiceHost(Publisher("payouts", .payouts), database: payouts, log: log, environment: clock.environment),
        ]
        for host in publishers + [host] { try host.prepare() }
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: "accounting", endpoints: service.endpoints, database: database,
                setting: .init(
                    environment: clock.environment, company: company, pages: pages, secret: AccountingFixture.secret,
                    log: Logger(label: "test"))))
        hook.fixture.withLock { $0 = { [weak self] in self?.faults.withLock { $0 } } }
    }

    static let secret = Array("a secret of thirty-two bytes, ok".utf8)

    /// Forwards to the fixture that is made after the database.
    private final class FaultRelay: Sendable {
        let fixture = Mutex<(@Sendable () -> FaultHook?)?>(nil)
        func call(_ point: FaultPoint) throws { try fixture.withLock { $0 }?()?(point) }
    }

    // MARK: What happens

    func person(_ name: String = "Ada", roles: Set<String> = [Role.employee], active: Bool = true) throws -> ID {
        let id = clock.environment.newID()
        try tell(
            PersonRegistered(
                person: Person(id: id, name: name, email: "\(id)@popug.test", roles: roles, active: active)),
            of: identity, .identity)
        return id
    }

    @discardableResult
    func tell(_ event: some Event, id: ID? = nil, of database: any Database, _ topic: Topic) throws -> ID {
        let (id, now) = (id ?? clock.environment.newID(), clock.now)
        try database.write { try Journal(topic: topic).append(event, id: id, at: now, trace: "test", in: $0) }
        return id
    }

    func create(_ assignee: ID, title: String = "Feed the cat", jiraID: String? = nil) throws -> ID {
        let task = clock.environment.newID()
        titles.withLock { $0[task] = title }
        try tell(
            TaskCreated(
                task: task, title: title, jiraID: jiraID, description: nil, assignee: assignee, creator: assignee,
                time: clock.now),
            of: tracker, .tracker)
        return task
    }

    func reassign(_ task: ID, from old: ID, to new: ID) throws {
        try tell(
            TaskReassigned(
                task: task, title: titles.withLock { $0[task] } ?? "", jiraID: nil, oldAssignee: old, newAssignee: new,
                reassignment: clock.environment.newID(), time: clock.now),
            of: tracker, .tracker)
    }

    func complete(_ task: ID, by assignee: ID) throws {
        try tell(
            TaskCompleted(
                task: task, title: titles.withLock { $0[task] } ?? "", jiraID: nil, assignee: assignee, time: clock.now),
            of: tracker, .tracker)
    }

    /// Everything that can be done now.
    func rest() throws {
        for _ in 0..<100_000 {
            var moved = false
            for host in publishers + [host] where try host.step() { moved = true }
            if !moved { return }
        }
        Issue.record("the services do not come to rest")
    }

    // MARK: What there is

    func account(_ id: ID) throws -> Ledger.Account {
        try #require(try database.read { try Ledger.account(id, in: $0) })
    }

    func balance(_ id: ID) throws -> Cents { try account(id).balance }

    func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? {
        try database.read { try $0.value(sql) }
    }

    func openDay() throws -> Day { try #require(try value("SELECT day FROM open_day")) }

    /// The events of one type in the order in which Accounting wrote them.
    func events<E: Event>(_ type: E.Type = E.self) throws -> [E] {
        try database.read { transaction in
            try transaction.fetch("SELECT data FROM journal WHERE name = \(E.name) ORDER BY position").map {
                try JSONDecoder().decode(E.self, from: Data(try $0(0, as: [UInt8].self)))
            }
        }
    }

    /// What `verify` finds.
    func problems() throws -> [String] {
        try TestDatabase.problems(
            service.checks, in: [("accounting", database), ("tracker", tracker), ("payouts", payouts)])
    }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse {
        entrance.runNow(WebRequest("GET", target, credential: .local(person)))
    }

    func post(_ target: String, _ json: String, as person: ID, key: String = "k1") -> WebResponse {
        let headers = WebRequest.Headers(contentType: "application/json", idempotencyKey: key)
        return entrance.runNow(
            WebRequest("POST", target, headers: headers, body: Array(json.utf8), credential: .local(person)))
    }

    func submit(_ target: String, _ form: String, as person: ID, once: String = "once-1") -> WebResponse {
        let headers = WebRequest.Headers(contentType: "application/x-www-form-urlencoded")
        return entrance.runNow(
            WebRequest(
                "POST", target, headers: headers, body: Array("once=\(once)&\(form)".utf8), credential: .local(person)))
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

extension Instant {
    /// A moment that is written out in a test.
    init(at text: String) throws {
        self = try #require(Instant(text))
    }
}
