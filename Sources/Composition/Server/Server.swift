import Directory
import Foundation
import HTTPDriver
import Hosting
import Logging
import Messaging
import Metrics
import ServiceKit
import ServiceLifecycle
import Storage
import UnixSignals
import Values
import Web

/// `popug serve`: the installation's services on threads of their own, the HTTP server in front of them, and the socket
/// for the command line, in one group that is shut down in order.
enum Server {
    static func run(_ settings: Settings) async throws {
        let registry = MetricsRegistry()
        MetricsSystem.bootstrap(registry)
        JSONLog.countLost()
        if let cluster = try settings.cluster() { return try await run(settings, cluster, registry) }
        try DataFolder.checkSocket(of: settings.folder)
        let listen = try settings.value(of: Settings.house.listen)
        let (host, port) = (listen.host, listen.port)
        let installation = try Installation(settings)
        let exchange = installation.exchange
        let logger = Logger(label: "popug")
        let address = exchange.company.publicAddress

        // Once the server has printed that it is ready, the command line must work.
        let (isOpen, open) = AsyncStream.makeStream(of: Never.self)
        var hooks = hooks(of: exchange, settings, host: host)
        let ready = hooks.listening
        hooks.listening = { port in
            for await _ in isOpen {}
            await ready(port)
        }
        let options = try settings.front(listen: .port(host: host, port: port), publicAddress: address)
        let front = HTTPServer(
            entrance: exchange.entrance, options: options, hooks: hooks, metrics: registry,
            environment: exchange.environment, log: logger)

        var local = hooks
        local.listening = { _ in open.finish() }
        local.credential = { .local(try await Aside.run { try exchange.localAdmin() }) }
        local.local = LocalHold(installation.writers) { exchange.environment.randomBytes($0) }.paths
        let socket = DataFolder.socket(of: settings.folder)
        let back = HTTPServer(
            entrance: exchange.entrance, options: .init(listen: .socket(path: socket), publicAddress: address),
            hooks: local, metrics: registry, environment: exchange.environment, log: logger)

        try await Aside.run { try exchange.compareSettings(with: settings.values) }
        installation.start()
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: back), .init(service: Listening(server: front, host: host, port: port)),
                    .init(service: ShutdownNotice { installation.hurry() }),
                ],
                gracefulShutdownSignals: [.sigint, .sigterm], logger: logger))
        do {
            try await group.run()
        } catch {
            installation.close()
            throw error as? Failure ?? Failure(.unavailable, "The server ended: \(error)")
        }
        exchange.feed.end()
        installation.close()
        try? FileManager.default.removeItem(atPath: socket)
    }

    /// A process with some of the services: no folder to lock, no socket in it.
    private static func run(_ settings: Settings, _ cluster: ClusterSettings, _ registry: MetricsRegistry) async throws
    {
        // A process that runs only some of the services asks the others.
        if cluster.services.count < Services.names.count { _ = try settings.upstreams() }
        let node = try ClusterNode(settings, cluster)
        let exchange = node.exchange
        let listen = try settings.value(of: Settings.house.listen)
        let (host, port) = (listen.host, listen.port)
        let options = try settings.front(
            listen: .port(host: host, port: port), publicAddress: exchange.company.publicAddress)
        let front = HTTPServer(
            entrance: exchange.entrance, options: options, hooks: hooks(of: exchange, settings, host: host),
            metrics: registry, environment: exchange.environment, log: Logger(label: "popug"))
        try await Aside.run { try exchange.compareSettings(with: settings.values) }
        node.start()
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: Listening(server: front, host: host, port: port)),
                    .init(service: ShutdownNotice { node.hurry() }),
                ],
                gracefulShutdownSignals: [.sigint, .sigterm],
                logger: Logger(label: "popug")))
        do {
            try await group.run()
        } catch {
            node.close()
            throw error as? Failure ?? Failure(.unavailable, "The server ended: \(error)")
        }
        exchange.feed.end()
        node.close()
    }

    private static func hooks(of exchange: Exchange, _ settings: Settings, host: String) -> HTTPServer.Hooks {
        var hooks = HTTPServer.Hooks()
        let isDemonstration = (try? settings.value(of: Settings.house.demonstration)) ?? false
        hooks.live = { exchange.feed.ticks(topics: $0, since: $1) }
        hooks.unready = { exchange.unready() }
        let figures = GaugeCollector(of: exchange)
        hooks.gauges = { await figures.gauges() }
        hooks.listening = { port in
            Terminal.ready(host, port)
            if isDemonstration {
                LineQueue.output.put(
                    "Sign in as ada@popug.example (admin), mia@ (manager), abe@ (accountant) or emma@ (employee),")
                LineQueue.output.put("all @popug.example, with the password \(Demonstration.password)")
            }
        }
        return hooks
    }
}

/// Learns that the program must stop at the same moment as the servers, whose requests may take their time.
private struct ShutdownNotice: ServiceLifecycle.Service {
    let tell: @Sendable () -> Void

    func run() async throws {
        try await gracefulShutdown()
        tell()
    }
}

extension Exchange {
    /// What is not ready, by service, with the reason.
    package func unready() -> [String: String] {
        var reasons: [String: String] = [:]
        for host in hosts {
            if case .unhealthy(let errors) = host.state {
                reasons[host.service.name] = errors.map { "\($0.key): \($0.value)" }.sorted().joined(separator: "; ")
            }
        }
        return reasons
    }
}
