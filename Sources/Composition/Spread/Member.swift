import CurlDriver
import Foundation
import Hosting
import Logging
import Messaging
import PostgreSQLDriver
import Storage
import Values
import Web

/// This process's part of an installation that is spread over several processes: its services on their PostgreSQL
/// databases, and the broker between them. It writes nothing in the folder and locks nothing there.
package final class Member: Sendable {
    package let settings: Settings
    package let exchange: Exchange
    private let log: any ClosableLog
    private let follower: LiveFollower
    /// Ends everything that waits for an outside server.
    private let halt = Halt()

    /// - Parameter all: whether it works on the data of all services, whatever `services` says; used by verbs.
    /// - Throws: ``Failure`` or `StorageError` that says what to do.
    package init(
        _ settings: Settings, _ spread: SpreadSettings, all: Bool = false, environment: Values.Environment = .live()
    ) throws {
        self.settings = settings
        let logger = Logger(label: "popug")
        let watch = StartWatch(logger)
        defer { watch.end() }
        watch.begin("the broker is looked for")
        let log = try BrokerLog.open(
            spread, codes: try Installation.codes(settings, environment: environment), logger: logger,
            environment: environment)
        self.log = log
        do {
            var parts = try Member.parts(
                settings, spread, log: log, all: all, environment: environment, halt: halt)
            parts.watch = watch
            exchange = try Exchange(parts)
            follower = LiveFollower(
                topics: Services.names.map { Topic($0) }, hosts: exchange.hosts, log: log, feed: exchange.feed)
        } catch {
            log.close()
            if error is Failure || error is StorageError { throw error }
            throw Failure(.configuration, "\(error)")
        }
    }

    private static func parts(
        _ settings: Settings, _ spread: SpreadSettings, log: any EventLog, all: Bool, environment: Values.Environment,
        halt: Halt
    ) throws -> Exchange.Parts {
        var parts = try Installation.parts(settings, log: log, environment: environment, halt: halt)
        let logger = parts.logger
        let services = all ? Services.names : spread.services
        parts.database = { service in
            PostgreSQLDatabase(
                name: service,
                options: options(
                    spread.address(of: service), runs: services.contains(service) && !all,
                    hasReplica: spread.replica != nil), logger: logger)
        }
        parts.spread = Exchange.Spread(
            services: services,
            // The name grows with time, so that the oldest process comes first among its peers.
            owner: Owner(name: environment.newID().description, alone: false),
            elsewhere: services.count == Services.names.count
                ? nil
                : RemoteAsker(
                    secret: parts.secret, addresses: spread.upstreams, now: environment.now, halt: halt))
        parts.spread?.replica = { service in
            guard !all, let address = spread.replica(of: service) else { return nil }
            var options = options(address, runs: true)
            options.writers = 1
            options.patience = .milliseconds(500)
            return PostgreSQLDatabase(name: "\(service) replica", options: options, logger: logger)
        }
        return parts
    }

    /// - Parameter runs: whether the service runs here; a verb only looks at all of them for a moment.
    private static func options(_ address: String, runs: Bool, hasReplica: Bool = false) -> PostgreSQLOptions {
        var options = PostgreSQLOptions(connection: address)
        options.writers = runs ? 8 : 2
        options.readers = runs ? 4 : 2
        // If reads can go elsewhere, they do not wait long.
        if hasReplica { options.readPatience = .milliseconds(500) }
        // A process that was suspended in the middle of a transaction must not keep its rows locked.
        options.idleInTransactionTimeout = .seconds(5)
        return options
    }

    /// Starts the services, and follows what other processes do.
    package func start() {
        exchange.start()
        follower.start()
    }

    /// See ``Installation/hurry()``.
    func hurry() {
        halt.call(in: .milliseconds(500))
    }

    package func close() {
        hurry()
        follower.stop()
        exchange.stop()
        log.close()
    }
}

/// An event log that can close its connections.
package protocol ClosableLog: EventLog {
    func close()
}

/// The services' data, straight from the databases, for as long as a verb takes; processes may be running.
final class MemberConnection: Connection {
    private let member: Member

    init(_ settings: Settings, _ spread: SpreadSettings) throws {
        member = try Member(settings, spread, all: true)
    }

    func send(_ method: String, _ target: String, body: [UInt8], type: String?, key: String?) async throws
        -> WebResponse
    {
        try await Aside.run { [member] in
            try member.exchange.respondLocally(method, target, body: body, type: type, key: key)
        }
    }

    /// Does the work that no other process does, and gives the others time for theirs.
    func advance() async throws {
        try await Aside.run { [member] in
            do {
                for _ in 0..<10 where try !member.exchange.step() { return }
            } catch is LeaseLost {}
        }
        try await Task.sleep(for: .milliseconds(100))
    }

    /// Carries on what was sent as far as no other process does it; the rest is left to the running processes.
    func settle() async throws {
        try await Aside.run { [member] in
            do {
                try member.exchange.settle()
            } catch is LeaseLost {
            } catch is StorageError {}
        }
    }

    func close() async {
        member.close()
    }
}
