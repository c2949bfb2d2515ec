import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

@testable import Mailer

/// A mail server that says what a test wants, and remembers what it took.
final class ScriptedTransport: MailTransport {
    struct Sent: Sendable {
        let to: String
        let text: String
        var messageID: String { header("Message-ID") }

        func header(_ name: String) -> String {
            text.components(separatedBy: "\r\n").first { $0.hasPrefix(name + ": ") }
                .map { String($0.dropFirst(name.count + 2)) } ?? ""
        }
    }

    private struct State {
        var sent: [Sent] = []
        var tried: [String] = []
        var answer: @Sendable (String) -> Delivery = { _ in Delivery(.accepted, code: 250, words: "250 Taken") }
    }

    private let state = Mutex(State())
    let address = "smtp://mail.test:587"
    var sent: [Sent] { state.withLock { $0.sent } }
    /// Every recipient that was tried, in order.
    var tried: [String] { state.withLock { $0.tried } }

    func answer(_ answer: @escaping @Sendable (String) -> Delivery) { state.withLock { $0.answer = answer } }
    func accept() { answer { _ in Delivery(.accepted, code: 250, words: "250 Taken") } }

    func send(from: String, to recipient: String, message: [UInt8]) -> Delivery {
        state.withLock { state in
            state.tried.append(recipient)
            let delivery = state.answer(recipient)
            if delivery.outcome == .accepted {
                state.sent.append(Sent(to: recipient, text: String(decoding: message, as: UTF8.self)))
            }
            return delivery
        }
    }
}

/// The Mailer on its own, in memory, beside publishers that only write their journals; events go the real way.
final class MailFixture: Sendable {
    let clock = SteppedClock()
    let company = Company.test()
    let transport = ScriptedTransport()
    /// Answers in place of Identity; at first it is away.
    let asker = AnsweringAsker()
    let database: any Database
    let identity: any Database
    let tracker: any Database
    let accounting: any Database
    let payouts: any Database
    let log = MemoryEventLog()
    let publishers: [ServiceHost]
    private let current: Mutex<(service: MailerService, host: ServiceHost, entrance: Entrance)>
    static let secret = Array("a secret of thirty-two bytes, ok".utf8)

    var service: MailerService { current.withLock { $0.service } }
    var host: ServiceHost { current.withLock { $0.host } }

    init(sends: Bool = true, faults: @escaping FaultHook = { _ in }) throws {
        database = try TestDatabase.fresh("mailer", faults: faults)
        identity = try TestDatabase.fresh("identity")
        tracker = try TestDatabase.fresh("tracker")
        accounting = try TestDatabase.fresh("accounting")
        payouts = try TestDatabase.fresh("payouts")
        let publisher = { [log, clock] (topic: Topic, database: any Database) in
            ServiceHost(Publisher(topic), database: database, log: log, environment: clock.environment)
        }
        publishers = [
            publisher(.identity, identity), publisher(.tracker, tracker),
            publisher(.accounting, accounting), publisher(.payouts, payouts),
        ]
        current = Mutex(
            try MailFixture.made(company, clock, database, log, asker, transport: sends ? transport : nil))
        for host in publishers { try host.prepare() }
    }

    /// Ends the Mailer and starts it anew on its data.
    func restart(sends: Bool) throws {
        let made = try MailFixture.made(company, clock, database, log, asker, transport: sends ? transport : nil)
        current.withLock { $0 = made }
    }

    /// As ``restart(sends:)``, with another way out.
    func restart(through transport: any MailTransport) throws {
        let made = try MailFixture.made(company, clock, database, log, asker, transport: transport)
        current.withLock { $0 = made }
    }

    private static func made(
        _ company: Company, _ clock: SteppedClock, _ database: any Database, _ log: MemoryEventLog,
        _ asker: AnsweringAsker, transport: (any MailTransport)?
    ) throws -> (service: MailerService, host: ServiceHost, entrance: Entrance) {
        let service = try MailerService(
            company: company, settings: MailSettings(transport: transport), codes: .trial,
            environment: clock.environment, asker: asker)
        let host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        try host.prepare()
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
        let entrance = try Entrance(
            EndpointRunner(
                service: "mailer", endpoints: service.endpoints + host.answers, database: database,
                context: .init(
                    environment: clock.environment, company: company, pages: pages, secret: secret,
                    log: Logger(label: "test"))))
        return (service, host, entrance)
    }

    // MARK: What happens

    @discardableResult
    func person(_ name: String, email: String? = nil, roles: Set<String> = [Role.employee]) throws -> ID {
        let id = clock.environment.newID()
        let email = email ?? "\(name.lowercased())@popug.test"
        try tell(
            PersonRegistered(person: Person(id: id, name: name, email: email, roles: roles, active: true)),
            in: identity)
        return id
    }

    /// A person whose letter about the account has been dealt with.
    func settled(_ name: String, roles: Set<String> = [Role.employee]) throws -> ID {
        let id = try person(name, roles: roles)
        try rest()
        return id
    }

    @discardableResult
    func tell<E: Event>(_ event: E, in database: any Database) throws -> ID {
        let (id, now) = (clock.environment.newID(), clock.now)
        try database.write { try Journal(topic: E.topic).append(event, id: id, at: now, trace: "test", in: $0) }
        return id
    }

    func assign(_ title: String, to person: ID) throws {
        try tell(
            TaskCreated(
                task: clock.environment.newID(), title: title, jiraID: nil, description: nil, assignee: person,
                creator: person, time: clock.now),
            in: tracker)
    }

    func operation(_ title: String, of person: ID, sum: Int64, balance: Int64, day: Int = 20_000) throws {
        let operation = Contracts.Operation(
            task: clock.environment.newID(), title: title, jiraID: "POP-1", person: person,
            sum: Cents(abs(sum)), balance: Cents(balance), day: Day(number: day), time: clock.now)
        if sum < 0 {
            try tell(EmployeeCharged(operation: operation), in: accounting)
        } else {
            try tell(EmployeeRewarded(operation: operation), in: accounting)
        }
    }

    @discardableResult
    func close(_ person: ID, paid: Int64, operations: Int = 1, day: Int = 20_000) throws -> ID {
        try tell(
            DayClosed(
                person: person, day: Day(number: day), opening: .zero, closing: Cents(paid), paid: Cents(max(0, paid)),
                operations: operations, time: clock.now),
            in: accounting)
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

    func advance(seconds: Int64) throws {
        clock.advance(seconds: seconds)
        try rest()
    }

    // MARK: What there is

    func letters(to person: ID) throws -> [Letter] {
        try database.read { transaction in
            try transaction.fetch(
                "SELECT \(Letter.columns) FROM letter WHERE person = \(person) ORDER BY position"
            ).map(Letter.init)
        }
    }

    func value<T: Storable & Sendable>(_ sql: SQL) throws -> T? {
        try database.read { try $0.value(sql) }
    }

    /// What the list of changes by hand shows, the oldest first.
    func changesByHand() throws -> [AuditEntry] {
        try current.withLock { $0.entrance }.changesByHand(of: "mailer", until: clock.now)
    }

    /// What `verify` finds.
    func problems() throws -> [String] {
        try TestDatabase.problems(
            service.checks, in: [("mailer", database), ("tracker", tracker), ("accounting", accounting)])
    }

    // MARK: Requests

    func send(
        _ method: String, _ target: String, json: String? = nil, form: String? = nil, as person: ID, key: String = "k1"
    ) -> WebResponse {
        var headers = WebRequest.Headers()
        if method != "GET", form == nil { headers.idempotencyKey = key }
        if json != nil { headers.contentType = "application/json" }
        if form != nil { headers.contentType = "application/x-www-form-urlencoded" }
        let body = json ?? form.map { "once=\(key)&\($0)" } ?? ""
        return current.withLock { $0.entrance }.runNow(
            WebRequest(method, target, headers: headers, body: Array(body.utf8), credential: .local(person)))
    }
}
