import Directory
import Foundation
import HTTPDriver
import Hosting
import Logging
import ServiceKit
import ServiceLifecycle
import TestKit
import Testing
import Values
import Web

/// A real server on a port of its own, or on a socket, stopped in order at the end of the test.
struct RunningServer {
    let toy: WebToy
    let port: Int
    let stop: @Sendable () async -> Void

    static func start(
        listen: HTTPServer.Listen = .port(host: "127.0.0.1", port: 0), publicAddress: String = "http://localhost:8080",
        _ change: (inout HTTPServer.Hooks) -> Void = { _ in },
        options adjust: (inout HTTPServer.Options) -> Void = { _ in },
        log: Logger = Logger(label: "server", factory: { _ in SwiftLogNoOpLogHandler() })
    ) async throws -> RunningServer {
        let toy = try WebToy()
        let (ports, port) = AsyncStream<Int>.makeStream()
        var hooks = HTTPServer.Hooks()
        hooks.listening = { bound in
            port.yield(bound)
            port.finish()
        }
        change(&hooks)
        var options = HTTPServer.Options(listen: listen, publicAddress: publicAddress)
        adjust(&options)
        let server = HTTPServer(
            entrance: toy.entrance, options: options, hooks: hooks, metrics: MetricsRegistry(),
            environment: toy.clock.environment, log: log)
        let silent = Logger(label: "group", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: silent))
        let task = Task {
            try await group.run()
            port.finish()
        }
        let bound = try #require(await ports.first { _ in true })
        return RunningServer(toy: toy, port: bound) {
            await group.triggerGracefulShutdown()
            _ = await task.result
        }
    }
}

@Suite("The HTTP server")
struct WebServerTests {
    @Test("A gateway's key is in nothing that is printed, as into a log")
    func keyIsMasked() {
        let key = GatewayKey(secret: [UInt8](repeating: 7, count: 32))
        var options = HTTPServer.Options(listen: .port(host: "127.0.0.1", port: 0), publicAddress: "http://localhost")
        options.gatewayKey = key
        var dumped = ""
        dump(options, to: &dumped)
        for text in ["\(key)", "\(options)", String(reflecting: options), dumped] { #expect(!text.contains(key.text)) }
    }

    @Test("Answers carry the headers that keep a page safe, and a request id of the server's own")
    func headers() async throws {
        let server = try await RunningServer.start(publicAddress: "https://popug.example")
        let client = try WebSocketClient(port: server.port)
        let page = try #require(await client.get("/page", "X-Request-Id: mine\r\n"))
        #expect(page.status == 200)
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(page.headers["x-content-type-options"] == "nosniff")
        #expect(page.headers["cache-control"] == "no-store")
        #expect(page.headers["strict-transport-security"] != nil)
        #expect(ID(page.headers["x-request-id"] ?? "") != nil)
        let head = try #require(await client.get("/page", method: "HEAD"))
        #expect(head.status == 200)
        #expect(head.body.isEmpty)
        #expect(try #require(await client.get("/nowhere")).status == 404)
        #expect(try #require(await client.get("/page", method: "DELETE")).status == 405)
        await server.stop()
    }

    @Test("Requests go through the guard to their endpoint and back, on one connection")
    func requests() async throws {
        let server = try await RunningServer.start()
        let client = try WebSocketClient(port: server.port)
        let token = try server.toy.token("employee")
        let body = Array(#"{"text":"over http"}"#.utf8)
        for (key, replayed) in [("a", nil), ("a", "true"), ("b", nil)] as [(String, String?)] {
            let answer = try #require(
                await client.ask(
                    "POST /api/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nIdempotency-Key: \(key)\r\n"
                        + "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n", body: body))
            #expect(answer.status == 201)
            #expect(answer.headers["location"] == "/api/notes/1")
            #expect(answer.headers["idempotency-replayed"] == replayed)
        }
        #expect(try server.toy.notes == 2)
        #expect(try #require(await client.get("/api/for/staff")).status == 401)
        await server.stop()
    }

    @Test("A body of 10 MB is refused, announced or not, and the server goes on")
    func tooLarge() async throws {
        let server = try await RunningServer.start()
        let token = try server.toy.token("employee")
        let big = [UInt8](repeating: 0x20, count: 10_000_000)
        let head =
            "POST /api/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\nIdempotency-Key: k\r\n"
            + "Content-Type: application/json\r\n"
        let announced = try WebSocketClient(port: server.port)
        #expect(
            try #require(await announced.ask(head + "Content-Length: \(big.count)\r\n\r\n", body: big)).status == 413)
        let chunked = try WebSocketClient(port: server.port)
        let chunk = Array("\(String(big.count, radix: 16))\r\n".utf8) + big + Array("\r\n0\r\n\r\n".utf8)
        #expect(try #require(await chunked.ask(head + "Transfer-Encoding: chunked\r\n\r\n", body: chunk)).status == 413)
        let next = try WebSocketClient(port: server.port)
        #expect(try #require(await next.get("/healthz")).status == 200)
        await server.stop()
    }

    @Test("A body that trickles in is given up after its time: 408, and the connection ends")
    func trickle() async throws {
        // Its time is over when the first byte comes.
        let server = try await RunningServer.start(options: {
            $0.bodySeconds = 0
            // A busy machine may need a while to say so.
            $0.errorSeconds = 60
        })
        let client = try WebSocketClient(port: server.port)
        await client.send(
            "POST /api/notes HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try server.toy.token("employee"))\r\n"
                + "Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
        #expect(await client.wait(for: "HTTP/1.1 408"))
        #expect(await client.wait(for: "web.too-slow"))
        #expect(await client.waitForEnd())
        let next = try WebSocketClient(port: server.port)
        #expect(try #require(await next.get("/healthz")).status == 200)
        await server.stop()
    }

    @Test("What is no HTTP is answered with 400 or a closed connection, and the server goes on")
    func garbage() async throws {
        let server = try await RunningServer.start()
        for text in ["\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "A: b\r\n\r\n"] {
            let client = try WebSocketClient(port: server.port)
            await client.send(text)
            #expect(await client.waitForEnd())
        }
        let client = try WebSocketClient(port: server.port)
        #expect(try #require(await client.get("/healthz")).body == "ok\n")
        await server.stop()
    }

    @Test("Health, readiness, figures and assets")
    func own() async throws {
        let server = try await RunningServer.start { hooks in
            hooks.unready = { ["tracker": "its relay has not begun"] }
            hooks.gauges = {
                [.init("popug_journal_lag", "Rows not published yet", labels: [("service", "a\"b")], value: 3)]
            }
        }
        let client = try WebSocketClient(port: server.port)
        #expect(try #require(await client.get("/healthz")).status == 200)
        let ready = try #require(await client.get("/readyz"))
        #expect(ready.status == 503)
        #expect(ready.body == "tracker: its relay has not begun\n")
        _ = await client.get("/page")
        let metrics = try #require(await client.get("/metrics")).body
        #expect(metrics.contains("popug_http_requests_total{method=\"GET\",route=\"/page\",status=\"200\"} 1"))
        #expect(metrics.contains("popug_http_request_seconds_count{method=\"GET\",route=\"/page\"} 1"))
        #expect(metrics.contains("popug_journal_lag{service=\"a\\\"b\"} 3"))
        let asset = try #require(await client.get(Asset.address("popug.css")))
        #expect(asset.status == 200)
        #expect(asset.headers["cache-control"]?.contains("immutable") == true)
        #expect(try #require(await client.get("/assets/popug.css")).headers["cache-control"] == "no-cache")
        #expect(try #require(await client.get("/assets/../Package.swift")).status == 404)
        await server.stop()
    }

    @Test("Live updates tell the signed-in which topic moved, and end at once when the server stops")
    func live() async throws {
        let (moves, mover) = AsyncStream<String>.makeStream()
        let server = try await RunningServer.start { $0.live = { _, _ in moves } }
        let stranger = try WebSocketClient(port: server.port)
        #expect(try #require(await stranger.get("/live?topics=tracker")).status == 401)
        let client = try WebSocketClient(port: server.port)
        let cookie = "popug_session=\(try server.toy.token("boss"))"
        await client.send("GET /live?topics=tracker,accounting HTTP/1.1\r\nHost: x\r\nCookie: \(cookie)\r\n\r\n")
        #expect(await client.wait(for: ": here"))
        mover.yield("tracker")
        #expect(await client.wait(for: "event: moved\ndata: tracker\n\n"))
        await server.stop()
        #expect(await client.waitForEnd())
    }

    @Test("On the socket in the data folder, who can open it is the local admin")
    func localSocket() async throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "popug-\(getpid())-\(UInt32.random(in: 0...9999))")
        let box = LocalPerson()
        let server = try await RunningServer.start(listen: .socket(path: path.path)) { hooks in
            hooks.credential = { .local(box.id) }
        }
        box.id = try #require(server.toy.people["admin"]).id
        let mode = try FileManager.default.attributesOfItem(atPath: path.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let client = try WebSocketClient(path: path.path)
        let answer = try #require(await client.get("/api/for/admin"))
        #expect(answer.body.contains("Admin"))
        await server.stop()
        #expect(!FileManager.default.fileExists(atPath: path.path))
    }
}

/// Set once before it is read, by the test that owns it.
private final class LocalPerson: @unchecked Sendable {
    private let lock = NSLock()
    private var person = ID(high: 0, low: 0)
    var id: ID {
        get { lock.withLock { person } }
        set { lock.withLock { person = newValue } }
    }
}
