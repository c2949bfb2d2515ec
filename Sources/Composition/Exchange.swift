import Directory
import Foundation
import Hosting
import Identity
import Logging
import Messaging
import Operations
import Schemas
import ServiceKit
import Storage
import Synchronization
import Values
import Web

/// The services of a process, put together: all of them in the embedded shape, some of them in the distributed shape.
/// The server, the verbs on a stopped folder, the tests and the benchmarks all run this.
package final class Exchange: Sendable {
    package let company: Company
    package let environment: Environment
    package let hosts: [ServiceHost]
    private let identity: IdentityService?
    package let databases: [String: any Database]
    package let log: any EventLog
    package let feed: LiveFeed
    package let entrance: Entrance
    package let compiled: Compiled
    private let report: UseReport
    private let replicas: [any Database]

    /// What differs between an installation, a test and a benchmark.
    package struct Parts: Sendable {
        package var company: Company
        package var environment: Environment
        /// 32 bytes.
        package var secret: [UInt8]
        package var settings = SettingValues()
        package var outbound = Outbound()
        package var database: @Sendable (_ service: String) throws -> any Database
        package var log: any EventLog
        package var logger: Logger
        package var backups: any BackupKeeper = NoBackups()
        /// Reports what a start is doing if it takes long; `nil` if nobody waits for it.
        var watch: StartWatch?
        /// What is different if services are spread over processes; `nil` if all of them are here.
        package var cluster: Cluster?
        /// What another exchange of the same company has made already; made again if it is not given. It is most of the
        /// cost of a start, and a test or the simulator starts hundreds of times.
        package var compiled: Compiled?
        /// Wraps a service: for the simulator's poisoned events, or a test's broken variants.
        package var around: @Sendable (any Service) -> any Service = { $0 }
        private var makers: [String: @Sendable (ServiceParts) throws -> any Service] = [:]

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

        /// Makes a service in another way than its own: with the simulator's bank, or with quick hashes for tests.
        package mutating func make<Module: ServiceModule>(
            _ module: Module.Type, _ make: @escaping @Sendable (ServiceParts) throws -> Module
        ) {
            makers[module.name] = make
        }

        fileprivate func made(_ module: any ServiceModule.Type, _ parts: ServiceParts) throws -> any Service {
            try makers[module.name]?(parts) ?? module.init(parts)
        }
    }

    /// Opens everything, brings the schemas up to date and prepares the services; nothing runs yet.
    /// - Throws: `StorageError`, a service's refusal of the secret, `NumbersBehindTopic`.
    package init(_ parts: Parts) throws {
        company = parts.company
        environment = parts.environment
        log = parts.log
        let opened = try Exchange.open(parts)
        databases = opened
        // Which services answer is only known once all hosts exist.
        let asker = ServiceAsker(elsewhere: parts.cluster?.elsewhere)
        let made = try Exchange.wired(parts, asker)
        identity = made.lazy.compactMap { $0 as? IdentityService }.first
        let services = made.map(parts.around)
        let here = parts.cluster.map { cluster in services.filter { cluster.services.contains($0.name) } }
        let feed = LiveFeed(now: parts.environment.now)
        self.feed = feed
        var replicas: [String: any Database] = [:]
        for service in here ?? [] { replicas[service.name] = parts.cluster?.replica(service.name) }
        self.replicas = Array(replicas.values)
        let uses = SessionUses()
        report = UseReport(uses, asker: asker, logger: parts.logger)
        do {
            hosts = try (here ?? services).map { service in
                let host = ServiceHost(
                    service, database: try Exchange.named(service.name, in: opened), log: parts.log,
                    environment: parts.environment, owner: parts.cluster?.owner ?? .embedded, feed: feed,
                    logger: parts.logger,
                    missing: Exchange.missing(parts, asker))
                parts.watch?.begin("\(service.name) is brought up to date")
                try host.prepare()
                return host
            }
            (entrance, compiled) = try Exchange.entrance(parts, services, asker, opened, hosts, replicas, uses)
        } catch {
            for database in opened.values { database.close() }
            for database in replicas.values { database.close() }
            throw error
        }
        asker.know(self)
    }

    /// Asks the publisher to fill a gap in its topic.
    private static func missing(
        _ parts: Parts, _ asker: ServiceAsker
    ) -> MissingEvents {
        let (logger, uptime) = (parts.logger, parts.environment.uptime)
        // When a publisher could not be asked. If much is missing, this avoids a wait for each partition.
        let failed = Away()
        return { topic, partition, number in
            guard !failed.isRecent(topic, uptime()) else { return }
            let place = LogPlace(topic: topic.name, partition: partition, number: number)
            do {
                _ = try asker.ask(HostQuestions.publishAgain, of: topic.name, place)
            } catch {
                // The subscription that misses it asks again in ten seconds.
                failed.note(topic, uptime())
                logger.warning("events are missing in the log, and \(topic) cannot be asked for them: \(error)")
            }
        }
    }

    private final class Away: Sendable {
        private let noted = Mutex<[Topic: Int64]>([:])

        func note(_ topic: Topic, _ uptime: Int64) { noted.withLock { $0[topic] = uptime } }

        func isRecent(_ topic: Topic, _ uptime: Int64) -> Bool {
            noted.withLock { $0[topic].map { uptime - $0 < 1000 } ?? false }
        }
    }

    private static func open(_ parts: Parts) throws -> [String: any Database] {
        var databases: [String: any Database] = [:]
        do {
            for name in parts.cluster?.services ?? Services.names {
                parts.watch?.begin("the database of \(name) is opened")
                databases[name] = try parts.database(name)
            }
        } catch {
            for database in databases.values { database.close() }
            throw error
        }
        return databases
    }

    private static func named(_ name: String, in databases: [String: any Database]) throws -> any Database {
        guard let database = databases[name] else { throw StorageError.unavailable("no database of \(name)") }
        return database
    }

    private static func wired(_ parts: Parts, _ asker: ServiceAsker) throws -> [any Service] {
        let own = ServiceParts(
            company: parts.company, environment: parts.environment, secret: parts.secret, settings: parts.settings,
            log: parts.log, asker: asker, outbound: parts.outbound, missing: missing(parts, asker))
        return try Services.all.map { try parts.made($0, own) }
    }

    /// What takes long to make and is the same at every start of an installation: compiled templates and the API's
    /// documents. For code that starts an installation often.
    package struct Compiled: Sendable {
        let pages: PageRenderer
        let reference: [Endpoint]

        package init(_ parts: Parts) throws {
            let services = try Exchange.services(parts)
            try self.init(
                parts, services, Operations(services: services, asker: ServiceAsker(elsewhere: nil)))
        }

        fileprivate init(_ parts: Parts, _ services: [any Service], _ operations: Operations) throws {
            let pages = try PageRenderer(
                sets: services.map(\.pages) + [Operations.pages],
                navigation: services.flatMap(\.navigation) + operations.navigation, company: parts.company)
            self.pages = pages
            reference =
                APIReference.endpoints(
                    of: services.map { ($0.name, $0.scope, $0.endpoints) }
                        + [("operations", Scope.operations, operations.endpoints)],
                    company: parts.company, version: Version.text)
                + [
                    EventReference.endpoint(
                        Services.events.map { $0.contract }, consumers: Exchange.consumers(of: services))
                ] + ProblemPages.endpoints(pages)
                + [SearchPage.endpoint(services.flatMap(\.search) + [operations.search], pages)]
        }
    }

    /// The services for `verify`: their checks, without any data.
    package static func services(_ parts: Parts) throws -> [any Service] {
        try wired(parts, ServiceAsker(elsewhere: nil)).map(parts.around)
    }

    /// What is checked over all services alike: schemas, journals, checkpoints, the Directory, the log.
    package static func checks(of services: [any Service]) -> [Check] {
        services.flatMap { [SchemaComparison.check(of: $0)] + MessagingChecks.checks(of: $0) } + [
            LogComparison.check(of: services)
        ]
    }

    private static func entrance(
        _ parts: Parts, _ services: [any Service], _ asker: ServiceAsker, _ databases: [String: any Database],
        _ hosts: [ServiceHost], _ replicas: [String: any Database], _ uses: SessionUses
    ) throws -> (Entrance, Compiled) {
        let operations = Operations(services: services, asker: asker, backups: parts.backups)
        let compiled = try parts.compiled ?? Compiled(parts, services, operations)
        let context = EndpointRunner.Context(
            environment: parts.environment, company: parts.company, pages: compiled.pages, secret: parts.secret,
            log: parts.logger, uses: uses)
        let runners = hosts.map { host in
            EndpointRunner(
                service: host.service.name, scope: host.service.scope,
                endpoints: host.service.endpoints + host.answers,
                database: host.database, replica: replicas[host.service.name], context: context)
        }
        // Operations and documents are in the process of Identity. A page's parts may be anywhere; a gateway inserts
        // them.
        if let first = runners.first, !hosts.contains(where: { $0.service.name == "identity" }) {
            return (try Entrance(first, Array(runners.dropFirst())), compiled)
        }
        let house = EndpointRunner(
            service: "operations",
            endpoints: operations.endpoints + compiled.reference,
            database: try named("identity", in: databases), context: context)
        return (try Entrance(house, runners), compiled)
    }

    /// Which events each service takes, by topic.
    static func consumers(of services: [any Service]) -> [(service: String, topic: String, events: Set<String>)] {
        services.flatMap { service in
            let byTopic = Dictionary(grouping: service.reactions, by: \.topic)
            return byTopic.keys.sorted { $0.name < $1.name }.map { topic in
                (service: service.name, topic: topic.name, events: Set((byTopic[topic] ?? []).flatMap(\.events)))
            }
        }
    }

    package var runners: [EndpointRunner] { entrance.runners }

    /// Makes the first admin, who can then do everything else (X3).
    @discardableResult
    package func createFirstAdmin(name: String, email: String, password: String) throws -> ID {
        let environment = environment
        guard let identity else { throw StorageError.unavailable("no service of people") }
        let person = Person(id: environment.newID(), name: name, email: email, roles: [Role.admin], active: true)
        let hash = try identity.hasher.hash(try identity.commands.passwords.checked(password, of: person), environment)
        let commands = identity.commands
        return try Exchange.named("identity", in: databases).write { transaction in
            try commands.createFirstAdmin(
                name: name, email: email, password: hash,
                CommandContext(transaction, environment: environment, trace: "init", by: nil)
            ).id
        }
    }

    /// The person on whose behalf the command line works: the active admin who has been here longest.
    @available(*, noasync)
    package func localAdmin() throws -> ID {
        let first: ID? = try Exchange.named("identity", in: databases).read { transaction in
            // The Directory stores roles in one column, separated by spaces; for the command line a scan is good
            // enough.
            try transaction.value(
                """
                SELECT id FROM directory_person WHERE active = 1 AND ' ' || roles || ' ' LIKE '% admin %'
                ORDER BY id LIMIT 1
                """)
        }
        guard let first else {
            throw Failure(.refused, "There is no active admin, on whose behalf the command line could work.")
        }
        return first
    }

    /// Starts relays, subscriptions and jobs on threads of their own.
    package func start() {
        report.start()
        for host in hosts { host.start() }
    }

    /// Ends all threads in order and closes the databases. Nothing that was answered is lost.
    package func stop() {
        report.stop()
        for host in hosts.reversed() { host.stop() }
        close()
    }

    /// Closes the databases without having started anything.
    package func close() {
        for database in databases.values { database.close() }
        for database in replicas { database.close() }
    }

    /// Runs every relay, subscription and job once, on the calling thread. Returns whether anything was done.
    @available(*, noasync)
    @discardableResult
    package func step() throws -> Bool {
        var worked = report.handOver()
        for host in hosts where try host.step() { worked = true }
        return worked
    }

    /// Steps until there is nothing left to do.
    @available(*, noasync)
    package func settle(atMost steps: Int = 100_000) throws {
        for _ in 0..<steps where try !step() { return }
        throw Failure(.refused, "the services did not come to rest in \(steps) steps")
    }

    /// Answers a request on the calling thread: for verbs on a stopped folder, tests and the simulator.
    @available(*, noasync)
    package func respond(to request: WebRequest) -> WebResponse {
        entrance.runNow(request)
    }

    /// Does what a person would do over the API: a new request, with its own id and idempotency key.
    /// - Throws: ``Failure`` with the problem's own words if it is refused.
    @discardableResult
    func act(_ method: String, _ target: String, _ body: [String: JSONValue]? = nil, as person: ID) throws
        -> JSONValue
    {
        var request = WebRequest(
            method, target, id: environment.newID().description, credential: .local(person))
        request.headers.idempotencyKey = environment.newID().description
        if let body {
            request.headers.contentType = "application/json"
            request.body = [UInt8](try JSONEncoder().encode(body))
        }
        return try respond(to: request).json()
    }

    /// As ``respond(to:)``, on behalf of the local admin. Each call is a new request, with its own id.
    @available(*, noasync)
    package func respondLocally(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) throws
        -> WebResponse
    {
        var request = WebRequest(
            method, target, body: body, id: environment.newID().description, credential: .local(try localAdmin()))
        request.headers.contentType = type
        request.headers.idempotencyKey = key
        return respond(to: request)
    }
}
