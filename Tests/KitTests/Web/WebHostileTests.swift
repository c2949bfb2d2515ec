import Foundation
import HTTPDriver
import Logging
import Synchronization
import TestKit
import Testing
import Values
import Web

/// X62: nobody who is not signed in can make the server work or remember much.
@Suite("X62: the HTTP server and hostile senders")
struct WebHostileTests {
    private func head(_ path: String, _ length: Int?, _ token: String?, type: String = "application/json") -> String {
        "POST \(path) HTTP/1.1\r\nHost: localhost:8080\r\nIdempotency-Key: k\r\nContent-Type: \(type)\r\n"
            + (token.map { "Authorization: Bearer \($0)\r\n" } ?? "")
            + (length.map { "Content-Length: \($0)\r\n\r\n" } ?? "Transfer-Encoding: chunked\r\n\r\n")
    }

    @Test("Beyond 64 KiB a body is read only for who may send it: others hear so before it comes")
    func guardFirst() async throws {
        let server = try await RunningServer.start()
        let cases: [(role: String?, length: Int?, status: Int)] = [
            (nil, 65_537, 401), (nil, 3_000_000, 401), (nil, nil, 401), ("employee", 3_000_000, 403),
            ("employee", nil, 403), ("manager", 5_000_000, 413), (nil, 5_000_000, 413),
        ]
        for (role, length, status) in cases {
            let client = try WebSocketClient(port: server.port)
            let token = try role.map { try server.toy.token($0) }
            // Not a byte of the body is sent.
            let answer = try #require(await client.ask(head("/api/files", length, token)))
            #expect(answer.status == status, "\(role ?? "nobody") \(length ?? -1)")
        }
        let client = try WebSocketClient(port: server.port)
        let body = [UInt8](repeating: 0x20, count: 3_000_000)
        let token = try server.toy.token("manager")
        let taken = try #require(await client.ask(head("/api/files", body.count, token), body: body))
        #expect(taken.status == 200 && taken.body.contains("3000000"))
        // What is small is read first and asked about then, in one look at the database.
        let small = try #require(
            try await WebSocketClient(port: server.port).ask(
                head("/api/files", 4, nil), body: [0x31, 0x32, 0x33, 0x34]))
        #expect(small.status == 401)
        await server.stop()
    }

    @Test("One person's files leave places to others")
    func uploads() async throws {
        let server = try await RunningServer.start(options: { ($0.mostUploads, $0.mostUploadsOfOne) = (3, 2) })
        let (manager, boss) = (try server.toy.token("manager"), try server.toy.token("boss"))
        var open: [WebSocketClient] = []
        for _ in 0..<2 {
            let client = try WebSocketClient(port: server.port)
            await client.send(
                head("/api/files", 3_000_000, manager).replacing("\r\n\r\n", with: "\r\nExpect: 100-continue\r\n\r\n"))
            #expect(await client.wait(for: "100 Continue"))
            open.append(client)
        }
        let third = try #require(
            try await WebSocketClient(port: server.port).ask(head("/api/files", 3_000_000, manager)))
        #expect(third.status == 503)
        let body = [UInt8](repeating: 0x20, count: 100_000)
        let other = try #require(
            try await WebSocketClient(port: server.port).ask(head("/api/files", body.count, boss), body: body))
        #expect(other.status == 200)
        open = []
        await server.stop()
    }

    @Test("A head that does not come to its end is cut off, from the first request on or later")
    func slowHead() async throws {
        let server = try await RunningServer.start(options: { $0.headSeconds = 3 })
        let silent = try WebSocketClient(port: server.port)
        #expect(await silent.waitForEnd())
        let slow = try WebSocketClient(port: server.port)
        await slow.send("GET /healthz HTT")
        #expect(await slow.waitForEnd())
        let later = try WebSocketClient(port: server.port)
        #expect(try #require(await later.get("/healthz")).status == 200)
        await later.send("GET /healthz HTT")
        #expect(await later.waitForEnd())
        await server.stop()
    }

    @Test("A connection between two requests is not cut off by what a head or a body may take")
    func rest() async throws {
        let server = try await RunningServer.start(options: { ($0.headSeconds, $0.bodySeconds) = (3, 3) })
        let resting = try WebSocketClient(port: server.port)
        #expect(try #require(await resting.get("/healthz")).status == 200)
        // By the time that another one is cut off, its time would have been over, too.
        for _ in 0..<2 {
            let silent = try WebSocketClient(port: server.port)
            #expect(await silent.waitForEnd())
        }
        #expect(try #require(await resting.get("/healthz")).status == 200)
        await server.stop()
    }

    @Test("A sender who stops in the middle of a body is cut off, also where the answer has been given")
    func slowBody() async throws {
        let server = try await RunningServer.start(options: { $0.bodySeconds = 8 })
        let token = try server.toy.token("manager")
        let refused = try WebSocketClient(port: server.port)
        #expect(try #require(await refused.ask(head("/api/files", 3_000_000, nil))).status == 401)
        let begun = try WebSocketClient(port: server.port)
        await begun.send(head("/api/files", 3_000_000, token) + "abc")
        for client in [refused, begun] { #expect(await client.waitForEnd()) }
        // Nothing of it is left that would hold up others.
        let body = [UInt8](repeating: 0x20, count: 100_000)
        let next = try #require(
            try await WebSocketClient(port: server.port).ask(head("/api/files", body.count, token), body: body))
        #expect(next.status == 200)
        await server.stop()
    }

    @Test("How long a sender may keep the server waiting: what came earns time, but never more than at the beginning")
    func pace() throws {
        var options = HTTPServer.Options(listen: .port(host: "127.0.0.1", port: 0), publicAddress: "http://localhost")
        options.bodySeconds = 20
        func taken(_ pieces: [(bytes: Int, seconds: Int)]) -> Bool {
            var pace = SenderPace(options)
            return (try? pieces.forEach { try pace.came($0.bytes, after: .seconds($0.seconds)) }) != nil
        }
        #expect(taken([(1, 19)]))
        #expect(!taken([(1, 21)]))
        #expect(!taken([(60 << 20, 1), (1, 21)]))
        #expect(taken(Array(repeating: (16_384, 1), count: 500)))
        #expect(!taken(Array(repeating: (8192, 1), count: 60)))
        #expect(!taken(Array(repeating: (1, 1), count: 60)))
    }

    @Test(
        "While many connections are open, no address has more than its share; this machine and proxies are not counted")
    func connections() async throws {
        let server = try await RunningServer.start(options: {
            ($0.mostConnections, $0.mostOfOneAddress) = (12, 2)
            $0.gatewayKey = GatewayKey(secret: [UInt8](repeating: 7, count: 32))
            $0.trustedProxies = AddressSet("127.0.0.9") ?? AddressSet()
        })
        func open(from address: String) async throws -> WebSocketClient? {
            let client = try WebSocketClient(port: server.port, from: address)
            return await client.get("/healthz") == nil ? nil : client
        }
        var clients: [WebSocketClient] = []
        // Six are half of all: until then one address may have any number.
        for _ in 0..<6 { clients.append(try #require(try await open(from: "127.0.0.2"))) }
        #expect(try await open(from: "127.0.0.2") == nil)
        for _ in 0..<2 { clients.append(try #require(try await open(from: "127.0.0.3"))) }
        #expect(try await open(from: "127.0.0.3") == nil)
        clients.append(try #require(try await open(from: "127.0.0.1")))
        clients.append(try #require(try await open(from: "127.0.0.9")))
        clients.removeFirst(6)
        // As soon as the server has seen them go.
        var next: WebSocketClient?
        for _ in 0..<10_000 where next == nil { next = try await open(from: "127.0.0.2") }
        #expect(next != nil)
        clients = []
        await server.stop()
    }

    @Test("One person's live streams leave places to others")
    func streams() async throws {
        let server = try await RunningServer.start(
            { $0.live = { _, _ in AsyncStream { _ in } } },
            options: { ($0.mostStreams, $0.mostStreamsOfOne) = (4, 2) })
        func stream(_ role: String) async throws -> WebSocketClient {
            let client = try WebSocketClient(port: server.port)
            await client.send(
                "GET /live?topics=tracker HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(try server.toy.token(role))\r\n\r\n"
            )
            return client
        }
        var open: [WebSocketClient] = []
        for role in ["manager", "manager", "boss"] {
            let client = try await stream(role)
            #expect(await client.wait(for: "retry: 2000"))
            open.append(client)
        }
        #expect(await (try stream("manager")).wait(for: "retry: 60000"))
        let last = try await stream("boss")
        #expect(await last.wait(for: "retry: 2000"))
        #expect(await (try stream("employee")).wait(for: "retry: 60000"))
        open = []
        await server.stop()
    }

    @Test("An encoding of the body that nobody knows is refused, without an error in the log")
    func encoding() async throws {
        let log = Lines()
        let server = try await RunningServer.start(log: Logger(label: "hostile", factory: { _ in log }))
        for encoding in ["xchunked", "gzip, chunked", "identity", "chunked, chunked"] {
            let client = try WebSocketClient(port: server.port)
            let answer = await client.ask(
                "POST /api/notes HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: \(encoding)\r\n\r\n2\r\n{}\r\n0\r\n\r\n")
            // A parser that refuses it by itself closes the connection.
            #expect(answer.map { (400..<500).contains($0.status) } ?? true, "\(encoding)")
        }
        #expect(log.errors == [])
        await server.stop()
    }

    @Test("A link that sets a password stands in no log, however its address is written")
    func links() {
        let paths = CredentialPaths([
            .page("/welcome/{link}", "A link", access: .anyone) { _, _ in .redirect(to: "/") },
            .page("/tasks/{task}", "A task", access: .anyone) { _, _ in .redirect(to: "/") },
        ])
        for path in ["/welcome/AaIkkIxb", "/%77elcome/AaIkkIxb", "/welcome%2FAaIkkIxb", "/welcome/AaIkkIxb/more"] {
            #expect(paths.loggable(path) == "/welcome/…", "\(path)")
        }
        for path in ["/", "/welcome", "/welcome/", "/tasks/01a1fcaf", "/%", "/api/people/1/welcome-links"] {
            #expect(paths.loggable(path) == path)
        }
    }

    @Test("Parsers stop at their limits: names and values, a part's head, the parts, urlencoded text")
    func parsers() throws {
        let toy = try WebToy()
        func form(_ text: String, _ type: String = "application/x-www-form-urlencoded") -> Int {
            toy.entrance.runNow(
                WebRequest("POST", "/file", headers: .init(contentType: type), body: Array(text.utf8))
            ).status
        }
        func multipart(padding: Int, parts: Int) -> Int {
            let head = "Content-Disposition: form-data; name=\"a\"\r\nX: \(String(repeating: "x", count: padding))"
            let body = String(repeating: "--b\r\n\(head)\r\n\r\n1\r\n", count: parts) + "--b--\r\n"
            return form(body, "multipart/form-data; boundary=b")
        }
        // What can be read leads on to signing in.
        #expect(form(String(repeating: "a=1&", count: 1000)) == 303)
        #expect(form(String(repeating: "a=1&", count: 1001)) == 400)
        #expect(form(String(repeating: "&", count: 256 * 1024)) == 303)
        #expect(form(String(repeating: "&", count: 256 * 1024 + 1)) == 413)
        for (padding, parts) in [(0, 1), (8000, 1), (0, 200)] {
            #expect(multipart(padding: padding, parts: parts) == 303, "\(padding) \(parts)")
        }
        for (padding, parts) in [(8200, 1), (3_000_000, 1), (0, 201)] {
            #expect(multipart(padding: padding, parts: parts) == 400, "\(padding) \(parts)")
        }
    }

    /// Keeps lines that say that something is wrong.
    private final class Lines: LogHandler, @unchecked Sendable {
        private let all = Mutex<[String]>([])
        var errors: [String] { all.withLock { $0 } }
        // Never set by anybody here; the protocol wants them.
        var logLevel = Logger.Level.info
        var metadata = Logger.Metadata()
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            guard event.level >= .warning else { return }
            all.withLock { $0.append("\(event.message)") }
        }
    }
}
