import AsyncHTTPClient
import HTTPDriver
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization
import Values
import Web

/// One address for the pages and APIs of services that run in many processes (docs/decisions/0012-gateway.md). It
/// stores nothing, so several gateways may run side by side.
package struct Gateway: ServiceLifecycle.Service {
    private let options: GatewayOptions
    private let serverOptions: HTTPServer.Options
    private let carrier: ProxyClient
    private let acquaintance: IdentityKeys
    private let responder: GatewayResponder
    private let listening: @Sendable (Int) async -> Void
    private let stopping: StopMark
    private let log: Logger

    /// Whether the gateway was told to stop.
    private final class StopMark: Sendable {
        private let mark = Atomic<Bool>(false)
        var isSet: Bool { mark.load(ordering: .relaxed) }
        func set() { mark.store(true, ordering: .relaxed) }
    }

    /// - Parameters:
    ///   - directions: what each service answers, from its own declarations.
    /// - pages: for the answers that the gateway gives by itself.
    ///   - listening: called once, with the port that was bound.
    package init(
        _ options: GatewayOptions, directions: RouteMap, pages: PageRenderer, company: Company,
        metrics: MetricsRegistry, environment: Values.Environment, log: Logger,
        listening: @escaping @Sendable (Int) async -> Void
    ) throws {
        self.options = options
        self.listening = listening
        self.log = log
        var serverOptions = HTTPServer.Options(listen: options.listen, publicAddress: company.publicAddress)
        serverOptions.trustedProxies = options.trustedProxies
        serverOptions.metricsToken = options.metricsToken
        self.serverOptions = serverOptions
        let upstreams = Upstreams(options, uptime: environment.uptime)
        carrier = ProxyClient(upstreams, options, log: log)
        acquaintance = IdentityKeys(environment: environment)
        let stopping = StopMark()
        self.stopping = stopping
        let headers = ResponseHeaders(secure: company.publicAddress.hasPrefix("https://"))
        responder = GatewayResponder(
            options: options, serverOptions: serverOptions, directions: directions, carrier: carrier,
            acquaintance: acquaintance, refusals: Refusals(pages, company, environment, log), headers: headers,
            figures: RequestFigures(metrics: metrics), figuresGuard: FiguresGuard(serverOptions),
            live: LiveMerge(
                carrier: carrier, key: options.key, headers: headers, acquaintance: acquaintance,
                places: FairTurnstile(places: options.mostStreams, each: serverOptions.mostStreamsOfOne),
                environment: environment),
            persons: Buckets(options.person, uptime: environment.uptime),
            addresses: NetworkBuckets(options.address, uptime: environment.uptime), environment: environment, log: log,
            isStopping: { stopping.isSet })
    }

    package func run() async throws {
        // So processes that are away are known before the first request comes.
        await withTaskGroup(of: Void.self) { group in
            for upstream in carrier.upstreams.all {
                group.addTask {
                    if await !carrier.knock(at: upstream) { upstream.circuit.failed(.refused) }
                }
            }
        }
        let result: Result<Void, any Error>
        do { result = .success(try await serve()) } catch { result = .failure(error) }
        // Also if it could not listen: the HTTP client must always be shut down.
        await carrier.shutdown()
        try result.get()
    }

    private func serve() async throws {
        let listener = HTTPListener(options: serverOptions, responder: responder, listening: listening, log: log)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await listener.run() }
            group.addTask { await knock() }
            group.addTask { await learn() }
            group.addTask {
                try? await gracefulShutdown()
                stopping.set()
                // The listener ends by itself, once requests under way have had their time.
                try? await Task.sleep(for: .seconds(60))
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Probes the processes that were away.
    private func knock() async {
        while (try? await Task.sleep(for: .milliseconds(max(10, options.times.probe / 4)))) != nil {
            await withTaskGroup(of: Void.self) { group in
                for upstream in carrier.upstreams.all where upstream.circuit.isDue() {
                    group.addTask {
                        let isThere = await carrier.knock(at: upstream)
                        upstream.circuit.knocked(isThere)
                        if isThere {
                            log.notice("a process is back", metadata: ["upstream": "\(upstream.address)"])
                        }
                    }
                }
            }
        }
    }

    /// Keeps Identity's public keys up to date; keeps the last known ones while Identity is away.
    private func learn() async {
        while true {
            let errand = ProxyRequest(
                method: "GET", target: "/api/keys", headers: [InnerHeader.gateway.rawName: options.key.text])
            var isKnown = false
            if let reply = try? await carrier.send(errand, to: "identity"), reply.status == 200,
                let document = try? await reply.response.body.collect(upTo: 1 << 20)
            {
                acquaintance.learn(Array(document.readableBytesView))
                isKnown = true
            }
            guard (try? await Task.sleep(for: .seconds(isKnown ? 60 : 1))) != nil else { return }
        }
    }
}
