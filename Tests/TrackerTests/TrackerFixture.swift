import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import Schemas
import ServiceKit
import Storage
import TestKit
import Tracker
import Values
import Web

/// A Tracker on a database in memory, with people, asked through its endpoints as a server asks them.
final class TrackerFixture: Sendable {
    let clock: SteppedClock
    let database: any Database
    let service: TrackerService
    let entrance: Entrance

    /// Who is meant by names in an import, and for which request.
    typealias Register = @Sendable (_ names: [String], _ trace: String) throws -> [String: ID]

    /// - Parameters:
    ///   - database: another desk's, as after a restart.
    ///   - register: what Identity does when it is asked for people; it knows or makes everybody where it is not given.
    init(
        seed: UInt64 = 1, database: (any Database)? = nil, register: Register? = nil
    ) throws {
        clock = SteppedClock(seed: seed)
        let environment = clock.environment
        let register =
            register ?? { names, _ in
                Dictionary(uniqueKeysWithValues: names.map { ($0, TrackerFixture.person(named: $0)) })
            }
        service = TrackerService(
            codes: .trial,
            asker: AnsweringAsker { ask in
                try IdentityQuestions.people.answer(ask) { KnownPeople(people: try register($0.names, $0.trace)) }
            })
        self.database = try database ?? TestDatabase.fresh("tracker")
        try self.database.migrate(for: service, now: clock.now)
        try service.prepare(self.database, environment)
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: .test())
        let context = EndpointRunner.Context(
            environment: environment, company: .test(), pages: pages, secret: Array(repeating: 7, count: 32),
            log: Logger(label: "test"))
        entrance = try Entrance(
            EndpointRunner(
                service: "tracker", endpoints: service.endpoints, database: self.database, context: context))
    }

    static func person(named name: String) -> ID {
        ID(milliseconds: 1_700_000_000_000, random: (1, 2)).derived(name)
    }

    // MARK: People

    /// Tells the Tracker of a person, as Identity's event does.
    @discardableResult
    func person(_ name: String, _ roles: Set<String> = [Role.employee], active: Bool = true) throws -> ID {
        let person = Person(
            id: TrackerFixture.person(named: name), name: name, email: "\(name)@example.com", roles: roles,
            active: active)
        let envelope = Envelope(
            id: clock.environment.newID(), topic: "identity", name: PersonChanged.name, version: 1, key: person.id,
            time: clock.now, trace: "test", data: PersonChanged(person: person).data())
        let reactions = service.reactions
        try database.write { transaction in
            for reaction in reactions { try reaction.apply([envelope], transaction) }
        }
        return person.id
    }

    // MARK: Requests

    func ask(_ method: String, _ target: String, as person: ID, body: [UInt8] = [], key: String? = nil) -> WebResponse {
        var headers = WebRequest.Headers()
        headers.contentType = "application/json"
        headers.idempotencyKey = key ?? "\(clock.environment.newID())"
        return entrance.runNow(WebRequest(method, target, headers: headers, body: body, credential: .local(person)))
    }

    /// Sends a page's form, and returns the page that it leads to, which says what was done.
    func submit(_ target: String, _ fields: String = "", as person: ID) throws -> WebResponse {
        let sent = entrance.runNow(
            WebRequest(
                "POST", target, headers: WebRequest.Headers(contentType: "application/x-www-form-urlencoded"),
                body: Array("once=\(clock.environment.newID())&\(fields)".utf8), credential: .local(person)))
        guard sent.status == 303, let place = sent.header("location") else { throw Unexpected(text: sent.text) }
        let cookies = sent.headers.filter { $0.name == "set-cookie" }
            .compactMap { $0.value.components(separatedBy: ";").first }
        return entrance.runNow(
            WebRequest(
                "GET", place, headers: WebRequest.Headers(cookie: cookies.joined(separator: "; ")),
                credential: .local(person)))
    }

    func get(_ target: String, as person: ID) throws -> [String: Any] {
        try TrackerFixture.object(ask("GET", target, as: person))
    }

    func create(_ title: String, as person: ID, jira: String? = nil) throws -> WebResponse {
        var input = ["title": title]
        input["jira_id"] = jira
        return ask(
            "POST", "/api/tasks", as: person, body: [UInt8](try JSONSerialization.data(withJSONObject: input)))
    }

    /// Creates a task and returns it.
    func task(_ title: String, as person: ID) throws -> (id: String, assignee: ID) {
        let object = try TrackerFixture.object(try create(title, as: person))
        guard let id = object["id"] as? String, let assignee = (object["assignee"] as? String).flatMap({ ID($0) })
        else { throw Unexpected(text: "\(object)") }
        return (id, assignee)
    }

    func complete(_ task: String, as person: ID) -> Int {
        ask("POST", "/api/tasks/\(task)/completion", as: person).status
    }

    static func object(_ response: WebResponse) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(response.body)) as? [String: Any] else {
            throw Unexpected(text: response.text)
        }
        return object
    }

    struct Unexpected: Error { let text: String }

    // MARK: Work

    /// Runs the jobs until they rest; returns how many steps did something.
    @discardableResult
    func work(atMost steps: Int = .max) throws -> Int {
        var done = 0
        var more = true
        while more, done < steps {
            more = false
            for job in service.jobs where done < steps {
                if case .more = try job.step(database, clock.environment) {
                    more = true
                    done += 1
                }
            }
        }
        return done
    }

    func importFile(_ text: String, as person: ID) -> WebResponse {
        ask("POST", "/api/imports?name=work.csv", as: person, body: Array(text.utf8))
    }

    func count(_ sql: SQL) throws -> Int {
        try database.read { try $0.value(sql) ?? 0 }
    }

    /// What `verify` would find wrong.
    func findings() throws -> [String] {
        let checks = service.checks
        return try database.read { transaction in
            var report = Findings()
            for check in checks { try check.run(Snapshots(["tracker": transaction]), &report) }
            return report.problems
        }
    }
}
