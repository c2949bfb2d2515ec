import Accounting
import Directory
import Foundation
import Hosting
import Identity
import Logging
import Messaging
import Storage
import Tracker
import Values
import Web

/// All services of the embedded shape, put together: the one place that knows which there are. The server, the verbs
/// on a stopped folder, the tests and the benchmarks all run this.
package final class Exchange: Sendable {
    package let company: Company
    package let environment: Environment
    package let identity: IdentityService
    package let hosts: [ServiceHost]
    package let databases: [String: any Database]
    package let log: any EventLog
    package let feed: LiveFeed
    package let runners: [EndpointRunner]

    /// What differs between an installation, a test and a benchmark.
    package struct Parts: Sendable {
        package var company: Company
        package var environment: Environment
        /// 32 bytes.
        package var secret: [UInt8]
        package var fees: ClosedRange<Int64> = 10...20
        package var rewards: ClosedRange<Int64> = 20...40
        package var passwordCost = PasswordCost.standard
        package var database: @Sendable (_ service: String) throws -> any Database
        package var log: any EventLog
        package var logger: Logger

        package init(
            company: Company, environment: Environment, secret: [UInt8],
            database: @escaping @Sendable (_ service: String) throws -> any Database, log: any EventLog, logger: Logger
        ) {
            self.company = company
            self.environment = environment
            self.secret = secret
            self.database = database
            self.log = log
            self.logger = logger
        }
    }

    /// Opens everything, brings the schemas up to date and prepares the services; nothing runs yet.
    /// - Throws: `StorageError`, a service's refusal of the secret, `NumbersBehindTopic`.
    package init(_ parts: Parts) throws {
        company = parts.company
        environment = parts.environment
        log = parts.log
        let names = ["identity", "tracker", "accounting"]
        var databases: [String: any Database] = [:]
        for name in names { databases[name] = try parts.database(name) }
        self.databases = databases
        guard let people = databases["identity"] else { throw StorageError.closed }
        let identity = IdentityService(
            company: parts.company, secret: parts.secret, passwordCost: parts.passwordCost)
        self.identity = identity
        let tracker = TrackerService { names, trace, environment in
            try people.write { transaction in
                try identity.registerMissing(names, trace: trace, environment, in: transaction)
            }
        }
        let accounting = AccountingService(
            company: parts.company, secret: parts.secret, fees: parts.fees, rewards: parts.rewards)
        let services: [any Service] = [identity, tracker, accounting]
        let feed = LiveFeed()
        self.feed = feed
        hosts = try services.map { service in
            guard let database = databases[service.name] else { throw StorageError.closed }
            return ServiceHost(
                service: service, database: database, log: parts.log, environment: parts.environment, owner: .embedded,
                feed: feed, logger: parts.logger)
        }
        for host in hosts { try host.prepare() }
        let operations = Operations(hosts: hosts)
        let pages = try PageRenderer(
            sets: services.map(\.pages) + [operations.pages],
            navigation: services.flatMap(\.navigation) + operations.navigation, company: parts.company)
        let setting = EndpointRunner.Setting(
            environment: parts.environment, company: parts.company, pages: pages, secret: parts.secret,
            log: parts.logger)
        runners = try services.map { service in
            guard let database = databases[service.name] else { throw StorageError.closed }
            let extra = service.name == "identity" ? [Preferences.endpoint] + operations.endpoints : []
            return try EndpointRunner(
                service: service.name, endpoints: service.endpoints + extra, database: database, setting: setting)
        }
    }

    /// Starts relays, subscriptions and jobs on threads of their own.
    package func start() {
        for host in hosts { host.start() }
    }

    /// Ends them in order and closes the databases. Nothing that was answered is lost.
    package func stop() {
        for host in hosts.reversed() { host.stop() }
        close()
    }

    /// Closes the databases without having run.
    package func close() {
        for database in databases.values { database.close() }
    }

    /// Runs every relay, subscription and job once, on the calling thread; whether anything was done.
    @discardableResult
    package func step() throws -> Bool {
        var worked = false
        for host in hosts where try host.step() { worked = true }
        return worked
    }

    /// Steps until there is nothing left to do.
    package func settle(atMost steps: Int = 100_000) throws {
        for _ in 0..<steps where try !step() { return }
        throw Failure(.refused, "the services did not come to rest in \(steps) steps")
    }

    /// Answers a request on the calling thread: for verbs on a stopped folder, tests and the simulator.
    package func respond(to request: WebRequest) -> WebResponse {
        for runner in runners where runner.serves(request.method, request.path) { return runner.runNow(request) }
        return runners[0].runNow(request)
    }
}
