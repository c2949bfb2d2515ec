import Foundation
import Logging
import ServiceLifecycle
import Values
import Web

/// Serves an ``Entrance`` over HTTP/1.1, on a port or on a socket in the file system, until it is told to stop.
package struct HTTPServer: ServiceLifecycle.Service {
    /// Where to listen.
    package enum Listen: Sendable {
        /// Port 0 takes any free port.
        case port(host: String, port: Int)
        /// A Unix domain socket that only its owner can open.
        case socket(path: String)
    }

    /// What the server asks the rest of the program for while it runs.
    package struct Hooks: Sendable {
        /// The topics that change, or have changed since a moment, for the pages that show them.
        package var live: @Sendable (Set<String>, Instant?) -> AsyncStream<String> = { _, _ in
            AsyncStream { $0.finish() }
        }
        /// What is not ready, by name and reason; empty if everything is.
        package var unready: @Sendable () async -> [String: String] = { [:] }
        /// Figures that are asked for when `/metrics` is read.
        package var gauges: @Sendable () async -> [MetricsRegistry.Gauge] = { [] }
        /// Who a request on this listener comes from, if that is not in its headers.
        package var credential: @Sendable () async throws -> WebRequest.Credential = { .headers }
        /// Paths for this machine's command line, only on its socket. Requests are POST, get the query, and are
        /// answered with JSON.
        package var local: [String: @Sendable (_ query: String) async throws -> [UInt8]] = [:]
        /// Called once, with the port that was bound (0 for a socket).
        package var listening: @Sendable (Int) async -> Void = { _ in }

        package init() {}
    }

    package struct Options: Sendable {
        package var listen: Listen
        /// The company's public address. If it is https, answers tell browsers that it stays https.
        package var publicAddress: String
        /// The gateway, or nginx in its place, sends this key. The server then believes the caller's address and the
        /// request's id that come with it.
        package var gatewayKey: GatewayKey?
        /// Proxies in front of the server whose `X-Forwarded-For` is believed.
        package var trustedProxies = AddressSet()
        /// Anyone who sends this token may read `/metrics` from anywhere.
        package var metricsToken: MetricsToken?
        /// A connection without activity is closed after this time.
        package var idleSeconds: Int64 = 60
        package var mostConnections = 4096
        /// How many connections one address may have while half of all are taken.
        package var mostOfOneAddress = 256
        /// Whether connections are counted by address, and must send something at once. Not on a private network:
        /// gateways there speak for everybody and keep connections in reserve.
        package var facesPeople = true
        /// How many large bodies (files) are received at a time; each is held in memory until it is stored.
        package var mostUploads = 4
        /// How many of these one person may send.
        package var mostUploadsOfOne = 2
        /// How many live streams there may be at a time, and how many of these one person may have.
        package var mostStreams = 2000
        package var mostStreamsOfOne = 30
        /// A request's head may take this long to arrive.
        package var headSeconds = 10.0
        /// How long the sender of a body may keep the server waiting, see ``SenderPace``.
        package var bodySeconds = 20.0
        /// How long a slow sender gets to receive the error, before the connection ends.
        package var errorSeconds = 5.0
        /// How long requests under way may take when the server is told to stop.
        package var graceMilliseconds: Int64 = 1500

        package init(listen: Listen, publicAddress: String) {
            self.listen = listen
            self.publicAddress = publicAddress
        }

        /// The address that a connection counts for; `nil` for a connection that is not counted: one over a socket in
        /// the file system, from the machine itself or from a proxy. Each of these speaks for many.
        func countedAs(_ peer: NetworkAddress?) -> String? {
            guard facesPeople, let peer, !peer.isThisMachine, !trustedProxies.contains(peer) else { return nil }
            return peer.subscriber
        }

        /// How long a body of at most `limit` bytes may take to arrive.
        package func bodyTime(_ limit: Int) -> Duration {
            .seconds(bodySeconds + Double(limit) / SenderPace.bytesPerSecond)
        }
    }

    /// A body of more bytes than this is read only if the sender may send it (X62).
    package static let anyonesBody = 65_536

    private let options: Options
    private let hooks: Hooks
    private let log: Logger
    private let responder: Responder

    package init(
        entrance: Entrance, options: Options, hooks: Hooks, metrics: MetricsRegistry, environment: Values.Environment,
        log: Logger
    ) {
        self.options = options
        self.hooks = hooks
        self.log = log
        responder = Responder(
            entrance: entrance, options: options, hooks: hooks, metrics: metrics, environment: environment, log: log)
    }

    package func run() async throws {
        try await HTTPListener(options: options, responder: responder, listening: hooks.listening, log: log).run()
    }
}
