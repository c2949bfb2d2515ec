import Analytics
import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// Analytics on its own, in memory, beside an Accounting and an Identity that only write their journals; events go the
/// real way between them.
final class AnalyticsFixture: Sendable {
    let clock: SteppedClock
    let company = Company.test()
    let service: AnalyticsService
    let database: any Database
    let accounting: any Database
    let identity: any Database
    let log = MemoryEventLog()
    let host: ServiceHost
    let publishers: [ServiceHost]
    let entrance: Entrance
    /// Called at each point where Analytics' database may fail.
    let faults = FaultSwitch()

    final class FaultSwitch: Sendable {
        let hook = Mutex<FaultHook?>(nil)
        func set(_ hook: FaultHook?) { self.hook.withLock { $0 = hook } }
        func call(_ point: FaultPoint) throws { try hook.withLock { $0 }?(point) }
    }

    init(seed: UInt64 = 1, slice: Int = 2000) throws {
        clock = SteppedClock(seed: seed)
        database = try TestDatabase.fresh("analytics", faults: { [faults] in try faults.call($0) })
        accounting = try TestDatabase.fresh("accounting")
        identity = try TestDatabase.fresh("identity")
        let publishers = [
            ServiceHost(
                Publisher("accounting", .accounting), database: accounting, log: log, environment: clock.environment),
            ServiceHost(Publisher("identity", .identity), database: identity, log: log, environment: clock.environment),
        ]
        self.publishers = publishers
        service = AnalyticsService(log: log, slice: slice) { topic, partition, number in
            guard let host = publishers.first(where: { $0.service.topic == topic }) else { return }
            let place = LogPlace(topic: topic.name, partition: partition, number: number)
            try? host.database.write { try host.publishAgain(place, in: $0) }
        }
        host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        for host in publishers + [host] { try host.prepare() }
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: "analytics", endpoints: service.endpoints, database: database,
                setting: .init(
                    environment: clock.environment, company: company, pages: pages,
                    secret: Array("a secret of thirty-two bytes, ok".utf8), log: Logger(label: "test"))))
    }

    // MARK: What happens

    func person(_ name: String, _ roles: Set<String> = [Role.employee]) throws -> ID {
        let id = clock.environment.newID()
        let person = Person(id: id, name: name, email: "\(id)@popug.test", roles: roles, active: true)
        try publish([Told(PersonRegistered(person: person), id: clock.environment.newID())], identity, .identity)
        return id
    }

    /// Writes events of Accounting, in this order.
    func tell(_ events: [Told]) throws { try publish(events, accounting, .accounting) }

    private func publish(_ events: [Told], _ database: any Database, _ topic: Topic) throws {
        let now = clock.now
        try database.write { transaction in
            try Journal(topic: topic).append(events.map(\.draft), at: now, in: transaction)
        }
    }

    /// Everything that can be done now.
    func rest() throws {
        for _ in 0..<100_000 where try !step() { return }
        Issue.record("the services do not come to rest")
    }

    func step() throws -> Bool {
        var moved = false
        for host in publishers + [host] where try host.step() { moved = true }
        return moved
    }

    // MARK: What there is

    func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? {
        try database.read { try $0.value(sql) }
    }

    /// What `verify` finds.
    func problems() throws -> [String] {
        try TestDatabase.problems(service.checks, in: [("analytics", database), ("accounting", accounting)])
    }

    // MARK: Requests

    func get(_ target: String, as person: ID) -> WebResponse {
        entrance.runNow(WebRequest("GET", target, credential: .local(person)))
    }

    func json<T: Decodable>(_ target: String, as person: ID, _ type: T.Type = T.self) throws -> T {
        let answer = get(target, as: person)
        guard answer.status == 200 else { throw Unexpected(description: "\(target): \(answer.status) \(answer.text)") }
        return try JSONDecoder().decode(T.self, from: Data(answer.body))
    }

    @discardableResult
    func send(_ method: String, _ target: String, as person: ID, key: String = "key") -> WebResponse {
        var request = WebRequest(method, target, credential: .local(person))
        request.headers.idempotencyKey = key
        return entrance.runNow(request)
    }

    struct Unexpected: Error, CustomStringConvertible { let description: String }
}

/// An event of Accounting and its id.
struct Told: Sendable {
    let draft: Journal.Draft
    let key: ID

    init(_ event: some Event, id: ID) {
        draft = Journal.Draft(event, id: id, trace: "test")
        key = event.key
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

extension Told {
    /// Analytics does not listen to it.
    var isUnheard: Bool { ["task-priced", "payout-requested"].contains(type(of: draft.event).name) }
}

/// A rebuild, as the API shows it.
struct RebuildJSON: Decodable {
    let id: ID
    let state: String
    let reached: Int
    let total: Int
    let digest_before: String?
    let digest_after: String?
}

extension AnalyticsFixture {
    /// Rebuilds, and returns when all is done.
    func rebuild(as admin: ID) throws -> RebuildJSON {
        let answer = send("POST", "/api/analytics/rebuilds", as: admin, key: clock.environment.newID().description)
        guard answer.status == 201 else { throw Unexpected(description: "\(answer.status) \(answer.text)") }
        try rest()
        return try latestRebuild(as: admin)
    }

    func latestRebuild(as admin: ID) throws -> RebuildJSON {
        let page: FigureTests.Page<RebuildJSON> = try json("/api/analytics/rebuilds", as: admin)
        return try #require(page.items.first)
    }

    /// Accounting's journal, as it was published.
    func envelopes() throws -> [Envelope] {
        try accounting.read { transaction in
            try transaction.fetch(
                "SELECT id, key, name, version, time, data, partition, number FROM journal ORDER BY position"
            ).map { row in
                Envelope(
                    id: try row(0), topic: "accounting", name: try row(2), version: try row(3), key: try row(1),
                    time: try row(4), trace: "again", data: try row(5), partition: try row(6), number: try row(7))
            }
        }
    }
}
