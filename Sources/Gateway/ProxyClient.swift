import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import Web

/// Sends requests to processes, and returns their answers.
final class ProxyClient: Sendable {
    enum Failure: Error {
        /// No process of the service can be reached. Nothing was done.
        case away
        /// No answer in time.
        case slow
        /// The connection ended before there was an answer.
        case lost
        /// The caller's own body was invalid.
        case caller(Problem)
    }

    /// An answer whose body is still to come.
    struct Reply: Sendable {
        let upstream: Upstream
        let response: HTTPClientResponse
        var status: Int { Int(response.status.code) }
    }

    let upstreams: Upstreams
    private let times: GatewayOptions.Times
    /// For answers that end.
    private let client: HTTPClient
    /// For server-sent events, each of which keeps a connection.
    private let streams: HTTPClient
    private let log: Logger

    /// A service's event stream sends a sign of life every 15 seconds.
    private static let streamIdle = TimeAmount.seconds(45)
    private static let tries = 3

    init(_ upstreams: Upstreams, _ options: GatewayOptions, log: Logger) {
        self.upstreams = upstreams
        times = options.times
        self.log = log
        var configuration = HTTPClient.Configuration()
        configuration.httpVersion = .http1Only
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(
            connect: .milliseconds(options.times.connect), read: .milliseconds(options.times.idle))
        // Shorter than the services keep an idle connection (60 s), so that no connection is used while it is being
        // closed.
        configuration.connectionPool = .init(idleTimeout: .seconds(30), concurrentHTTP1ConnectionsPerHostSoftLimit: 512)
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        configuration.timeout.read = ProxyClient.streamIdle
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.mostStreams
        streams = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async {
        try? await client.shutdown()
        try? await streams.shutdown()
    }

    /// Asks a process of a service, or any process if `part` is `nil`. Asks another one if that is safe.
    /// - Throws: ``Failure``.
    func send(_ errand: ProxyRequest, to part: String?, asStream: Bool = false) async throws -> Reply {
        var tried: Set<Upstream> = []
        var last = Failure.away
        for _ in 0..<ProxyClient.tries {
            guard let upstream = upstreams.next(part, except: tried) else { throw last }
            tried.insert(upstream)
            do {
                return try await send(errand, to: upstream, asStream ? streams : client)
            } catch let failure as Failure {
                last = failure
                switch failure {
                case .away where errand.isSendable, .lost where errand.isSafe: continue
                default: throw failure
                }
            }
        }
        throw last
    }

    private func send(_ errand: ProxyRequest, to upstream: Upstream, _ client: HTTPClient) async throws -> Reply {
        var request = HTTPClientRequest(url: upstream.address + errand.target)
        request.method = .RAW(value: errand.method)
        request.headers = errand.headers
        switch errand.body {
        case .none: break
        case .bytes(let bytes): request.body = .bytes(bytes)
        case .upload(let upload, let length):
            request.body = .stream(upload.pipe, length: length.map { .known($0) } ?? .unknown)
        }
        let time = TimeAmount.milliseconds(times.connect + errand.bodyTime + times.firstByte)
        do {
            let response = try await client.execute(request, deadline: .now() + time, logger: ProxyClient.silent)
            upstream.circuit.succeeded()
            upstream.count("ok")
            return Reply(upstream: upstream, response: response)
        } catch {
            if case .upload(let upload, _) = errand.body, let problem = upload.problem {
                upstream.circuit.left()
                throw Failure.caller(problem)
            }
            throw judged(error, upstream)
        }
    }

    /// What an error of the HTTP client means; also noted for the process that it happened with.
    private func judged(_ error: any Error, _ upstream: Upstream) -> Failure {
        if error is CancellationError || (error as? HTTPClientError) == .cancelled {
            upstream.circuit.left()
            return .lost
        }
        if (error as? HTTPClientError) == .invalidURL {
            upstream.circuit.left()
            return .caller(Problem(400, "gateway.target"))
        }
        let (failure, word): (Failure, String)
        if ProxyClient.isRefusal(error) {
            (failure, word) = (.away, "refused")
        } else if let error = error as? HTTPClientError, error == .deadlineExceeded || error == .readTimeout {
            (failure, word) = (.slow, "slow")
        } else {
            (failure, word) = (.lost, "lost")
        }
        note(word, upstream, error)
        return failure
    }

    /// Notes that a process failed: `refused`, `slow`, `lost`.
    func note(_ word: String, _ upstream: Upstream, _ error: any Error) {
        let wasOpen = upstream.circuit.isOpen
        upstream.circuit.failed(word == "refused" ? .refused : .failed)
        upstream.count(word)
        if !wasOpen, upstream.circuit.isOpen {
            log.warning("a process is away", metadata: ["upstream": "\(upstream.address)", "error": "\(error)"])
        }
    }

    /// Whether no connection was ever made, so that nothing can have been sent.
    private static func isRefusal(_ error: any Error) -> Bool {
        if error is NIOConnectionError { return true }
        if let error = error as? HTTPClientError {
            return error == .connectTimeout || error == .getConnectionFromPoolTimeout || error == .tlsHandshakeTimeout
        }
        guard let code = (error as? IOError)?.errnoCode else { return false }
        return [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL].contains(code)
    }

    /// Probes a process: whether it answers `/healthz` within a second.
    func knock(at upstream: Upstream) async -> Bool {
        let request = HTTPClientRequest(url: upstream.address + "/healthz")
        guard
            let response = try? await client.execute(
                request, timeout: .milliseconds(times.connect + 1000), logger: ProxyClient.silent)
        else { return false }
        _ = try? await response.body.collect(upTo: 65_536)
        return response.status == .ok
    }

    private static let silent = Logger(label: "client", factory: { _ in SwiftLogNoOpLogHandler() })
}
