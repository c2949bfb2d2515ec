import Foundation
import HTTPDriver
import Logging
import Synchronization
import TestKit
import Testing
import Values
import Web

/// What of a request's way here the server knows: from where it comes, through whom, and whether its sender waits.
@Suite("The HTTP server and what stands before it")
struct WebFrontTests {
    /// Keeps the addresses that requests are logged with.
    private struct Addresses: LogHandler {
        let seen: Seen
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            if let address = event.metadata?["address"] { seen.add("\(address)") }
        }
    }

    private final class Seen: Sendable {
        private let all = Mutex<[String]>([])
        func add(_ address: String) { all.withLock { $0.append(address) } }
        var last: String? { all.withLock { $0.last } }
        var logger: Logger { Logger(label: "front", factory: { _ in Addresses(seen: self) }) }
    }

    @Test("X64: the caller's address is what trusted proxies name, in one header or several, and else the peer's")
    func addresses() async throws {
        let seen = Seen()
        let server = try await RunningServer.start(
            options: { $0.trustedProxies = AddressSet("127.0.0.1,10.0.0.0/8") ?? AddressSet() }, log: seen.logger)
        let plain = Seen()
        let alone = try await RunningServer.start(log: plain.logger)
        let cases = [
            ("", "127.0.0.1"), ("X-Forwarded-For: 198.51.100.7\r\n", "198.51.100.7"),
            ("X-Forwarded-For: 6.6.6.6, 198.51.100.7:40001, 10.0.0.9\r\n", "198.51.100.7"),
            (
                "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: [2001:db8::7]:443\r\nX-Forwarded-For: 10.0.0.9\r\n",
                "2001:db8::7"
            ),
            ("X-Forwarded-For: 6.6.6.6, unknown\r\n", "127.0.0.1"),
            ("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For:\r\n", "127.0.0.1"),
            ("X-Real-IP: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n", "127.0.0.1"),
        ]
        for (headers, address) in cases {
            _ = try #require(try await WebSocketClient(port: server.port).get("/healthz", headers))
            #expect(seen.last == address, "\(headers)")
            _ = try #require(try await WebSocketClient(port: alone.port).get("/healthz", headers))
            #expect(plain.last == "127.0.0.1", "\(headers)")
        }
        await server.stop()
        await alone.stop()
    }

    @Test("X64: /metrics is for this machine by itself: nothing that a proxy hands on gets it, said or unsaid")
    func figures() async throws {
        let server = try await RunningServer.start()
        func status(_ server: RunningServer, host: String = "127.0.0.1:8080", _ headers: String = "") async throws
            -> Int
        {
            try #require(
                try await WebSocketClient(port: server.port)
                    .ask("GET /metrics HTTP/1.1\r\nHost: \(host)\r\n\(headers)\r\n")
            ).status
        }
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1", "[::1]:8080"] {
            #expect(try await status(server, host: host) == 200, "\(host)")
        }
        for host in ["popug.example", "localhost.popug.example", "127.0.0.1.popug.example", "10.0.0.1", ""] {
            #expect(try await status(server, host: host) == 403, "\(host)")
        }
        for name in ["X-Forwarded-For", "x-forwarded-host", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "Via"] {
            #expect(try await status(server, "\(name): x\r\n") == 403, "\(name)")
        }
        // nginx, left alone, says nothing of itself, and names the host by the address that it connects to.
        let proxied = try await RunningServer.start(publicAddress: "https://popug.example")
        #expect(try await status(proxied) == 403)
        let named = try await RunningServer.start(options: {
            $0.trustedProxies = AddressSet("127.0.0.1") ?? AddressSet()
        })
        #expect(try await status(named) == 403)
        for server in [server, proxied, named] { await server.stop() }
    }

    @Test("/metrics is for who has the token, from anywhere; the token is in nothing that is printed")
    func figuresToken() async throws {
        let token = try #require(MetricsToken("a-token-of-the-monitor"))
        let server = try await RunningServer.start(
            publicAddress: "https://popug.example", options: { $0.metricsToken = token })
        let client = try WebSocketClient(port: server.port)
        for (header, status) in [
            ("Authorization: Bearer a-token-of-the-monitor\r\nX-Forwarded-For: 198.51.100.7\r\n", 200),
            ("Authorization: Bearer a-token-of-the-monitoR\r\n", 403), ("Authorization: Bearer \r\n", 403),
            ("Authorization: a-token-of-the-monitor\r\n", 403), ("", 403),
        ] {
            #expect(try #require(await client.get("/metrics", header)).status == status, "\(header)")
        }
        #expect(MetricsToken("short") == nil && MetricsToken("has spaces in the middle") == nil)
        #expect(!"\(token) \(String(reflecting: token))".contains("monitor"))
        await server.stop()
    }

    @Test("Without a host, or with two, a request is refused with a document; HTTP/1.0 needs none")
    func hosts() async throws {
        let server = try await RunningServer.start()
        for path in ["/healthz", "/page", "/api/for/anyone", "/metrics", "/live", "/nowhere"] {
            for hosts in ["", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: popug.example\r\n"] {
                let client = try WebSocketClient(port: server.port)
                let answer = try #require(await client.ask("GET \(path) HTTP/1.1\r\n\(hosts)\r\n"))
                #expect(answer.status == 400, "\(path) \(hosts)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(answer.body.contains("web.host"))
            }
        }
        let old = try WebSocketClient(port: server.port)
        #expect(try #require(await old.ask("GET /healthz HTTP/1.0\r\n\r\n")).status == 200)
        await server.stop()
    }

    @Test("Who waits to send a body is told to go on where it is wanted, and has the answer at once where it is not")
    func expecting() async throws {
        let server = try await RunningServer.start()
        let token = "Authorization: Bearer \(try server.toy.token("employee"))\r\n"
        let body = #"{"text":"waited for"}"#
        func head(_ target: String, _ more: String, length: Int, version: String = "1.1") -> String {
            "\(target) HTTP/\(version)\r\nHost: localhost\r\nExpect: 100-Continue\r\nIdempotency-Key: \(length)\r\n"
                + "Content-Type: application/json\r\nContent-Length: \(length)\r\n\(more)\r\n"
        }
        let wanted = try WebSocketClient(port: server.port)
        await wanted.send(head("POST /api/notes", token, length: body.utf8.count))
        #expect(await wanted.wait(for: "HTTP/1.1 100 Continue\r\n\r\n"))
        #expect(await !wanted.text().contains("HTTP/1.1 201"))
        await wanted.send(body)
        #expect(await wanted.wait(for: "HTTP/1.1 201"))
        #expect(await !wanted.text().lowercased().contains("connection: close"))
        #expect(try #require(await wanted.get("/healthz")).status == 200, "the connection goes on")

        let refusals = [
            (head("POST /api/notes", "", length: 20), 401), (head("POST /api/notes", token, length: 90_000_000), 413),
            (head("POST /api/nowhere", token, length: 20), 404), (head("DELETE /api/notes", token, length: 20), 405),
            (head("POST /healthz", token, length: 20), 405),
        ]
        for (request, status) in refusals {
            let client = try WebSocketClient(port: server.port)
            let answer = try #require(await client.ask(request))
            #expect(answer.status == status, "\(request)")
            #expect(answer.headers["connection"] == "close", "\(request)")
        }
        // HTTP/1.0 knows no 100, and whoever does not wait has no use for one.
        let old = try WebSocketClient(port: server.port)
        let answer = try #require(
            await old.ask(head("POST /api/notes", token, length: 21, version: "1.0"), body: Array(body.utf8)))
        #expect(answer.status == 201 || answer.status == 200)
        await server.stop()
    }

    @Test("A request that waits behind another is told to go on in its turn")
    func expectingInTurn() async throws {
        let server = try await RunningServer.start()
        let client = try WebSocketClient(port: server.port)
        await client.send(
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /api/notes HTTP/1.1\r\nHost: localhost\r\n"
                + "Authorization: Bearer \(try server.toy.token("employee"))\r\nExpect: 100-continue\r\n"
                + "Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n")
        #expect(await client.wait(for: "ok\n"))
        #expect(await client.wait(for: "HTTP/1.1 100 Continue"))
        await client.send(#"{"text":"two"}"# + "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(await client.wait(for: "HTTP/1.1 201"))
        let text = await client.text()
        #expect(
            text.components(separatedBy: "100 Continue").count == 2 && !text.lowercased().contains("connection: close"))
        await server.stop()
    }
}
