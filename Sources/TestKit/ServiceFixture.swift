import Directory
import Foundation
import Hosting
import Logging
import Messaging
import ServiceKit
import Storage
import Values
import Web

/// One service on a database of its own, with publishers that only write their journals. Events take the real way
/// between them. Nothing runs unless a test says so, and the clock does not move by itself.
package final class ServiceFixture<Module: ServiceModule>: Sendable {
    package let clock: SteppedClock
    package let company: Company
    package let service: Module
    package let database: any Database
    package let log: MemoryEventLog
    package let host: ServiceHost
    package let publishers: [ServiceHost]
    package let entrance: Entrance
    /// Is called wherever the service's SQLite database may fail.
    package let faults: FaultSwitch

    /// - Parameters:
    ///   - topics: the topics that it listens to.
    ///   - make: makes the service; if it is not given, as the product does.
    package init(
        _ module: Module.Type, beside topics: [Topic], clock: SteppedClock = SteppedClock(), company: Company = .test(),
        secret: [UInt8] = TestExchange.secret, settings: [String: String] = [:],
        make: (ServiceParts) throws -> Module = { try Module($0) }
    ) throws {
        let (log, faults) = (MemoryEventLog(), FaultSwitch())
        self.clock = clock
        self.company = company
        self.log = log
        self.faults = faults
        let publishers = try topics.map { topic in
            ServiceHost(
                Publisher(topic), database: try TestDatabase.fresh(topic.name), log: log,
                environment: clock.environment)
        }
        self.publishers = publishers
        database = try TestDatabase.fresh(Module.name, faults: { try faults.call($0) })
        service = try make(
            .test(clock, company: company, secret: secret, settings: settings, log: log) { topic, partition, number in
                guard let host = publishers.first(where: { $0.service.topic == topic }) else { return }
                let place = LogPlace(topic: topic.name, partition: partition, number: number)
                try? host.database.write { try host.publishAgain(place, in: $0) }
            })
        host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        for host in publishers + [host] { try host.prepare() }
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: Module.name, scope: service.scope, endpoints: service.endpoints + host.answers,
                database: database,
                context: .init(
                    environment: clock.environment, company: company, pages: pages, secret: secret,
                    log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))))
    }

    /// The database of one of the publishers.
    package func database(of topic: Topic) throws -> any Database {
        guard let host = publishers.first(where: { $0.service.topic == topic }) else {
            throw StorageError.unavailable("no publisher of \(topic) stands beside \(Module.name)")
        }
        return host.database
    }

    // MARK: What happens

    /// Makes a publisher write an event in its journal.
    @discardableResult
    package func publish(_ event: some Event, id: ID? = nil) throws -> ID {
        let (id, now, topic) = (id ?? clock.environment.newID(), clock.now, type(of: event).topic)
        try database(of: topic).write {
            try Journal(topic: topic).append(event, id: id, at: now, trace: "test", in: $0)
        }
        return id
    }

    /// Makes Identity announce a new person.
    package func person(_ name: String = "Ada", roles: Set<String> = [Role.employee], active: Bool = true) throws -> ID
    {
        let id = clock.environment.newID()
        try publish(
            PersonRegistered(
                person: Person(id: id, name: name, email: "\(id)@popug.test", roles: roles, active: active)), id: id)
        return id
    }

    /// Runs everything once that can run. Returns whether anything was done.
    package func step() throws -> Bool {
        var moved = false
        for host in publishers + [host] where try host.step() { moved = true }
        return moved
    }

    /// Does everything that can be done now.
    package func settle(atMost steps: Int = 100_000) throws {
        for _ in 0..<steps where try !step() { return }
        throw StorageError.unavailable("the services did not come to rest in \(steps) steps")
    }

    // MARK: What there is

    package func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? {
        try database.read { try $0.value(sql) }
    }

    /// The events of one type, in the order in which the service wrote them.
    package func events<E: Event>(_ type: E.Type = E.self) throws -> [E] {
        try database.read { transaction in
            try transaction.fetch("SELECT data FROM journal WHERE name = \(E.name) ORDER BY position").map {
                try E(data: try $0(0))
            }
        }
    }

    /// What the list of changes by hand shows of the service, the oldest first.
    package func changesByHand() throws -> [AuditEntry] {
        try entrance.changesByHand(of: Module.name, until: clock.now)
    }

    /// What `verify` finds in the service, and in the data that it has from its publishers.
    package func problems() throws -> [String] {
        try TestDatabase.problems(
            service.checks, in: [(Module.name, database)] + publishers.map { ($0.service.name, $0.database) })
    }

    // MARK: Requests

    package func get(_ target: String, as person: ID?) -> WebResponse { send("GET", target, as: person) }

    /// Sends a request, with a new `Idempotency-Key` if none is given.
    @discardableResult
    package func send(
        _ method: String, _ target: String, _ json: String? = nil, as person: ID?, key: String? = nil
    ) -> WebResponse {
        entrance.runNow(.test(method, target, json: json, as: person, key: key, clock))
    }

    /// Submits a page's form, with its fields as `name=value&…`.
    @discardableResult
    package func submit(_ target: String, _ form: String, as person: ID, once: String? = nil) -> WebResponse {
        let once = once ?? clock.environment.newID().description
        return entrance.runNow(
            WebRequest(
                "POST", target, headers: WebRequest.Headers(contentType: "application/x-www-form-urlencoded"),
                body: Array("once=\(once)&\(form)".utf8), credential: .local(person)))
    }
}
