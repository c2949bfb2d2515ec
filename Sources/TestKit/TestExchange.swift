import Composition
import Directory
import Foundation
import Hosting
import Identity
import Logging
import Messaging
import SQLiteDriver
import Storage
import Synchronization
import Values
import Web

/// All services in one process on in-memory databases and a stepped clock: nothing runs unless a test says so, and the
/// same seed gives the same run.
package final class TestExchange: Sendable {
    package let clock: SteppedClock
    package let admin: ID
    package static let secret = [UInt8](repeating: 0x42, count: 32)
    private let parts: Exchange.Parts
    private let running: Mutex<Exchange>
    /// For the test company: compiled once for all tests of a process.
    private static let compiled = Mutex<Exchange.Compiled?>(nil)

    package var exchange: Exchange { running.withLock { $0 } }

    /// - Parameters:
    ///   - company: a company other than the test company costs the time of compiling its pages.
    ///   - faults: called at every statement and commit of every service's database.
    ///   - log: the event log; if it is not given, a new one in memory.
    ///   - observe: is called with every statement of every service.
    ///   - adjust: changes the parts, such as the payment provider.
    package init(
        seed: UInt64 = 1, company: Company? = nil, faults: (@Sendable (String, FaultPoint) throws -> Void)? = nil,
        log: (any EventLog)? = nil, observe: StatementObserver? = nil,
        adjust: (inout Exchange.Parts, SteppedClock) throws -> Void = { _, _ in }
    ) throws {
        clock = SteppedClock(seed: seed)
        let databases = try TestExchange.databases(faults, observe)
        var parts = Exchange.Parts(
            company: company ?? .test(), environment: clock.environment, secret: TestExchange.secret,
            database: { name in
                guard let database = databases[name] else { throw StorageError.unavailable("no database of \(name)") }
                return database
            }, log: log ?? MemoryEventLog(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        parts.make(IdentityService.self) { try IdentityService($0, settings: .quick) }
        try adjust(&parts, clock)
        if company == nil { parts.compiled = TestExchange.compiled.withLock { $0 } }
        let exchange = try Exchange(parts)
        if company == nil { TestExchange.compiled.withLock { $0 = exchange.compiled } }
        parts.compiled = exchange.compiled
        self.parts = parts
        running = Mutex(exchange)
        admin = try exchange.createFirstAdmin(
            name: "Ada Admin", email: "ada@example.com", password: "correct horse battery")
        try exchange.settle()
    }

    private static func databases(
        _ faults: (@Sendable (String, FaultPoint) throws -> Void)?, _ observe: StatementObserver?
    ) throws -> [String: any Database] {
        var databases: [String: any Database] = [:]
        for name in Services.names {
            let database =
                try faults.map { faults in try SQLiteDatabase.inline(name: name, faults: { try faults(name, $0) }) }
                ?? TestDatabase.fresh(name)
            databases[name] = observe.map { ObservedDatabase(database, $0) } ?? database
        }
        return databases
    }

    deinit {
        exchange.close()
    }

    /// Restarts as after a crash: the databases and the log stay as they are, and everything in the process's memory is
    /// gone.
    /// - Throws: what the start throws; the old exchange then goes on.
    package func restart() throws {
        let next = try Exchange(parts)
        running.withLock { $0 = next }
    }

    /// Creates a person through the API, as the admin.
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

    /// Sends a request as a person, with a new `Idempotency-Key` if none is given.
    @discardableResult
    package func send(
        _ method: String, _ target: String, json: String? = nil, as person: ID?, key: String? = nil
    ) -> WebResponse {
        exchange.respond(to: .test(method, target, json: json, as: person, key: key, clock))
    }

    /// Creates a task and returns its id.
    package func task(_ title: String, by person: ID) throws -> ID {
        let answer = send("POST", "/api/tasks", json: "{\"title\":\"\(title)\"}", as: person)
        guard answer.status == 201, let id = try answer.json()["id"].text.flatMap({ ID($0) }) else {
            throw UnexpectedAnswer(answer)
        }
        return id
    }

    /// The findings of every check of `popug verify`; empty if everything holds.
    package func findings() throws -> [String] {
        let services = exchange.hosts.map(\.service)
        let databases = try Services.names.reversed().map { name in
            guard let database = exchange.databases[name] else {
                throw StorageError.unavailable("no database of \(name)")
            }
            return (name: name, database: database)
        }
        let log = (exchange.log as? SQLiteEventLog).map { [(name: LogComparison.name, database: $0.database)] } ?? []
        return try TestDatabase.reading(log + databases) { snapshots in
            Verification.run(services: services, snapshots: snapshots, extra: Exchange.checks(of: services))
        }.flatMap { outcome in outcome.problems.map { "\(outcome.service), \(outcome.check): \($0)" } }
    }

    package struct UnexpectedAnswer: Error, CustomStringConvertible {
        package let description: String
        package init(_ response: WebResponse) { description = "\(response.status): \(response.text)" }
    }
}
