import Composition
import Directory
import Foundation
import Hosting
import Identity
import Logging
import Messaging
import SQLiteDriver
import Storage
import Values
import Web

/// All services in one process on in-memory databases and a stepped clock: nothing runs unless a test says so, and the
/// same seed gives the same run.
package final class TestExchange: Sendable {
    package let clock: SteppedClock
    package let exchange: Exchange
    package let admin: ID
    package static let secret = [UInt8](repeating: 0x42, count: 32)

    /// - Parameters:
    ///   - faults: called at every statement and commit of every service's database.
    ///   - log: the event log; a fresh one in memory where it is not given.
    package init(
        seed: UInt64 = 1, company: Company = .test(), faults: (@Sendable (String, FaultPoint) throws -> Void)? = nil,
        log: (any EventLog)? = nil
    ) throws {
        clock = SteppedClock(seed: seed)
        let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        var parts = Exchange.Parts(
            company: company, environment: clock.environment, secret: TestExchange.secret,
            database: { name in
                guard let faults else { return try SQLiteDatabase.inline(name: name) }
                return try SQLiteDatabase.inline(name: name, faults: { try faults(name, $0) })
            }, log: log ?? MemoryEventLog(), logger: logger)
        parts.identity = .quick
        exchange = try Exchange(parts)
        admin = try exchange.createFirstAdmin(
            name: "Ada Admin", email: "ada@example.com", password: "correct horse battery")
        try exchange.settle()
    }

    deinit {
        exchange.close()
    }

    /// Creates a person by the API, as the admin.
    @discardableResult
    package func person(_ name: String, _ roles: String...) throws -> ID {
        let list = roles.map { "\"\($0)\"" }.joined(separator: ",")
        let email = name.lowercased().replacing(" ", with: ".") + "@example.com"
        let answer = send(
            "POST", "/api/people", json: "{\"name\":\"\(name)\",\"email\":\"\(email)\",\"roles\":[\(list)]}", as: admin)
        guard let id = try answer.json()["id"].text.flatMap({ ID($0) }) else { throw UnexpectedAnswer(answer) }
        try exchange.settle()
        return id
    }

    /// Sends a request as a person; a new `Idempotency-Key` where none is given.
    @discardableResult
    package func send(
        _ method: String, _ target: String, json: String? = nil, as person: ID?, key: String? = nil
    ) -> WebResponse {
        var request = WebRequest(method, target)
        if let person { request.credential = .local(person) }
        if method != "GET" { request.headers.idempotencyKey = key ?? clock.environment.newID().description }
        if let json {
            request.headers.contentType = "application/json"
            request.body = Array(json.utf8)
        }
        return exchange.respond(to: request)
    }

    /// Creates a task and returns its id.
    package func task(_ title: String, by person: ID) throws -> ID {
        let answer = send("POST", "/api/tasks", json: "{\"title\":\"\(title)\"}", as: person)
        guard answer.status == 201, let id = try answer.json()["id"].text.flatMap({ ID($0) }) else {
            throw UnexpectedAnswer(answer)
        }
        return id
    }

    /// Every check of `popug verify`; the findings, empty where everything holds.
    package func findings() throws -> [String] {
        var ends: [@Sendable () -> Void] = []
        defer { for end in ends { end() } }
        var transactions: [String: any Transaction] = [:]
        for name in Exchange.names.reversed() {
            guard let database = exchange.databases[name] as? SQLiteDatabase else { continue }
            let snapshot = try database.snapshot()
            ends.append(snapshot.end)
            transactions[name] = snapshot.transaction
        }
        let services = exchange.hosts.map(\.service)
        return Verification.run(
            services: services, snapshots: Snapshots(transactions), extra: Exchange.checks(of: services)
        ).flatMap { outcome in outcome.problems.map { "\(outcome.service), \(outcome.check): \($0)" } }
    }

    package struct UnexpectedAnswer: Error, CustomStringConvertible {
        package let description: String
        init(_ response: WebResponse) { description = "\(response.status): \(response.text)" }
    }
}
