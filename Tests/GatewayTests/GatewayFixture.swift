import Composition
import Foundation
import Gateway
import HTTPDriver
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import TestKit
import Testing
import Values
import Web

/// A server of the test's own process, on a port of its own.
final class Running: Sendable {
    let port: Int
    private let group: ServiceGroup
    private let task: Task<Void, any Error>
    var address: String { "http://127.0.0.1:\(port)" }

    static let log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ make: (@escaping @Sendable (Int) async -> Void) throws -> any ServiceLifecycle.Service) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = try make { bound in
            port.yield(bound)
            port.finish()
        }
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Running.log))
        self.group = group
        task = Task {
            defer { port.finish() }
            try await group.run()
        }
        self.port = try #require(await ports.first { _ in true })
    }

    func stop() async {
        await group.triggerGracefulShutdown()
        _ = await task.result
    }

    /// Tells it to stop, and goes on.
    func beginStop() async { await group.triggerGracefulShutdown() }
}

/// A process that does what the test says, and keeps what it was asked.
final class Scripted: Sendable {
    struct Asked: Sendable {
        let method: String
        let path: String
        let headers: HTTPFields
        let body: String
    }

    typealias Script = @Sendable (Request, RequestConnection) async throws -> Response

    private struct Answering: HTTPResponder {
        typealias Context = RequestConnection
        let script: Script
        func respond(to request: Request, context: Context) async throws -> Response {
            try await script(request, context)
        }
    }

    private let state = Mutex<[Asked]>([])
    private let running = Mutex<Running?>(nil)
    /// Requests other than the gateway's own knocking.
    var asked: [Asked] { state.withLock { $0 } }
    var address: String { running.withLock { $0?.address } ?? "" }

    /// - Parameter port: 0 for any.
    init(port: Int = 0, _ script: @escaping Script = { _, _ in Scripted.text("fine") }) async throws {
        let server = try await Running { [state = Box(self)] listening in
            HTTPListener(
                options: .init(listen: .port(host: "127.0.0.1", port: port), publicAddress: "http://localhost"),
                responder: Answering { request, context in
                    if request.uri.path == "/healthz" { return Scripted.text("ok\n") }
                    if request.uri.path == "/api/keys" { return Scripted.text("{\"keys\":[]}") }
                    return try await script(state.noted(request), context)
                }, listening: listening, log: Running.log)
        }
        running.withLock { $0 = server }
    }

    /// Lets the script's closure reach what is not there yet when it is made.
    private final class Box: Sendable {
        private let owner: Mutex<Weak>
        private struct Weak { weak var scripted: Scripted? }
        init(_ scripted: Scripted) { owner = Mutex(Weak(scripted: scripted)) }
        func noted(_ request: Request) -> Request {
            owner.withLock { $0.scripted }?.note(request)
            return request
        }
    }

    private func note(_ request: Request) {
        state.withLock {
            $0.append(
                Asked(
                    method: request.method.rawValue, path: request.head.path ?? "", headers: request.headers, body: ""))
        }
    }

    func stop() async { await running.withLock { $0 }?.stop() }

    static func text(
        _ text: String, status: HTTPResponse.Status = .ok, headers: [(String, String)] = []
    ) -> Response {
        var fields = HTTPFields()
        fields[.contentType] = "text/plain; charset=utf-8"
        for (name, value) in headers { fields.append(HTTPField(name: .known(name), value: value)) }
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    /// Ends the connection without an answer.
    static func die(_ context: RequestConnection) async throws -> Response {
        try await context.channel.close()
        throw CancellationError()
    }
}

/// A gateway before processes of the test's.
struct GatewayFixture {
    let gateway: Running
    static let key = GatewayKey(secret: TestExchange.secret)
    static let declarations = Result { try Declarations(Company.test()) }
    var port: Int { gateway.port }
    var address: String { gateway.address }

    static var directions: RouteMap {
        get throws { try RouteMap(declarations.get().parts) }
    }

    /// - Parameter upstreams: addresses by service; those that are not named are where `others` is.
    init(
        _ upstreams: [String: [String]], others: [String] = [], clock: SteppedClock? = nil,
        _ adjust: (inout GatewayOptions) -> Void = { _ in }
    ) async throws {
        var all = Dictionary(uniqueKeysWithValues: Services.names.map { ($0, others) }).filter { !$0.value.isEmpty }
        all.merge(upstreams) { $1 }
        var options = GatewayOptions(
            listen: .port(host: "127.0.0.1", port: 0), upstreams: all, key: GatewayFixture.key)
        options.times.probe = 40
        adjust(&options)
        var environment = Values.Environment.live()
        if let clock { environment.now = { clock.now } }
        let declarations = try GatewayFixture.declarations.get()
        gateway = try await Running { [options, environment] listening in
            try Gateway(
                options, directions: try GatewayFixture.directions, pages: declarations.pages, company: .test(),
                metrics: MetricsRegistry(), environment: environment, log: Running.log, listening: listening)
        }
    }

    func client() throws -> WebSocketClient { try WebSocketClient(port: port) }

    /// One request on a connection of its own.
    func get(_ path: String, _ headers: String = "", method: String = "GET") async throws -> WebSocketClient.Answer {
        try #require(try await client().get(path, headers, method: method))
    }

    /// Asks until the answer fits, at most 500 times.
    func wait(_ path: String, _ headers: String = "", until fits: (WebSocketClient.Answer) -> Bool) async throws -> Bool
    {
        for _ in 0..<500 {
            if let answer = try await client().get(path, headers), fits(answer) { return true }
        }
        return false
    }

    func stop() async { await gateway.stop() }
}
