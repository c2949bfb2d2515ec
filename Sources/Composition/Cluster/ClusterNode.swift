import CurlDriver
import Foundation
import Hosting
import Logging
import Messaging
import PostgreSQLDriver
import Storage
import Values

/// This process's part of an installation that is spread over several processes: its services on their PostgreSQL
/// databases, and the broker between them. It writes nothing in the folder and locks nothing there.
package final class ClusterNode: Sendable {
    package let settings: Settings
    package let exchange: Exchange
    private let log: any ClosableLog
    private let follower: LiveFollower
    /// Ends everything that waits for an outside server.
    private let cancellation = Cancellation()

    /// - Parameter all: whether it works on the data of all services, whatever `services` says; used by verbs.
    /// - Throws: ``Failure`` or `StorageError` that says what to do.
    package init(
        _ settings: Settings, _ cluster: ClusterSettings, all: Bool = false, environment: Values.Environment = .live()
    ) throws {
        self.settings = settings
        let logger = Logger(label: "popug")
        let watch = StartWatch(logger)
        defer { watch.end() }
        watch.begin("the broker is looked for")
        let log = try BrokerLog.open(
            cluster, codes: try Installation.codes(settings, environment: environment), logger: logger,
            environment: environment)
        self.log = log
        do {
            var parts = try ClusterNode.parts(
                settings, cluster, log: log, all: all, environment: environment, cancellation: cancellation)
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
        _ settings: Settings, _ cluster: ClusterSettings, log: any EventLog, all: Bool, environment: Values.Environment,
        cancellation: Cancellation
    ) throws -> Exchange.Parts {
        var parts = try Installation.parts(settings, log: log, environment: environment, cancellation: cancellation)
        let logger = parts.logger
        let services = all ? Services.names : cluster.services
        parts.database = { service in
            PostgreSQLDatabase(
                name: service,
                options: options(
                    cluster.address(of: service), runs: services.contains(service) && !all,
                    hasReplica: cluster.replica != nil), logger: logger)
        }
        parts.cluster = Exchange.Cluster(
            services: services,
            // The name grows with time, so that the oldest process comes first among its peers.
            owner: Owner(name: environment.newID().description, alone: false),
            elsewhere: services.count == Services.names.count
                ? nil
                : RemoteAsker(
                    secret: parts.secret, addresses: cluster.upstreams, now: environment.now, cancellation: cancellation
                ))
        parts.cluster?.replica = { service in
            guard !all, let address = cluster.replica(of: service) else { return nil }
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
        cancellation.call(in: .milliseconds(500))
    }

    package func close() {
        hurry()
        follower.stop()
        exchange.stop()
        log.close()
    }
}
