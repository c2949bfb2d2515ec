import Foundation
import Gateway
import HTTPDriver
import HTTPTypes
import Hummingbird
import NIOCore
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("The gateway: what goes in and what comes out", .tags(.gateway), .ifChosen)
struct RelayTests {
    @Test("Each request goes to the service that declared its path; processes of one service take turns")
    func routes() async throws {
        let identity = try await Scripted { _, _ in Scripted.text("identity") }
        let first = try await Scripted { _, _ in Scripted.text("tracker") }
        let second = try await Scripted { _, _ in Scripted.text("tracker") }
        let stand = try await GatewayFixture(["tracker": [first.address, second.address]], others: [identity.address])
        for _ in 0..<4 { #expect(try await stand.get("/api/tasks?limit=5").body == "tracker") }
        #expect(first.asked.count == 2)
        #expect(second.asked.count == 2)
        #expect(first.asked.first?.path == "/api/tasks?limit=5")
        #expect(try await stand.get("/api/people").body == "identity")
        #expect(try await stand.get("/operations").body == "identity")
        #expect(try await stand.get("/api/tasks", method: "DELETE").status == 405)
        #expect(try await stand.get("/api/nothing").status == 404)
        let seen = identity.asked.count
        for inner in ["/internal/people", "/internal", "/internal/away/tracker", "/api/../internal/people"] {
            #expect(try await stand.get(inner).status == 404)
        }
        #expect(identity.asked.dropFirst(seen).allSatisfy { $0.path == "/internal/missing" })
        for process in [identity, first, second] { await process.stop() }
        await stand.stop()
    }

    @Test("Nothing that the inside believes comes from outside; the cookie becomes a token, and says that it was one")
    func headers() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address])
        _ = try await stand.get(
            "/api/tasks",
            "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nForwarded: for=6.6.6.6\r\nX-Real-Ip: 6.6.6.6\r\n"
                + "X-Request-Id: 019a0000-0000-7000-8000-000000000000\r\nPopug-Gateway: \(GatewayFixture.key.text.reversed())\r\n"
                + "Popug-Includes: yes\r\nX-Original-Url: /internal/people\r\nConnection: keep-alive, X-Live\r\n"
                + "Cookie: popug_theme=dark; popug_session=the-token; popug_session=another\r\nAccept-Language: ru\r\n"
                + "Referer: http://localhost:8080/tasks/new\r\n")
        let asked = try #require(process.asked.first).headers
        #expect(asked[.authorization] == "Bearer the-token")
        #expect(asked[InnerHeader.from] == "browser")
        #expect(asked[.cookie] == "popug_theme=dark")
        #expect(asked[values: InnerHeader.gateway] == [GatewayFixture.key.text])
        #expect(asked[values: InnerHeader.forwardedFor] == ["127.0.0.1"])
        let id = asked[InnerHeader.requestID].flatMap { ID($0) }
        #expect(id != nil && id != ID("019a0000-0000-7000-8000-000000000000"))
        for name in ["X-Forwarded-Host", "Forwarded", "X-Real-Ip", "X-Original-Url", "Popug-Includes"] {
            #expect(asked[.known(name)] == nil, "\(name)")
        }
        #expect(asked[.acceptLanguage] == "ru" && asked[.referer] == "http://localhost:8080/tasks/new")
        // A program's header wins over a cookie, and is no browser.
        _ = try await stand.get("/api/tasks", "Authorization: Bearer program\r\nCookie: popug_session=x\r\n")
        let program = try #require(process.asked.last).headers
        #expect(program[.authorization] == "Bearer program")
        #expect(program[InnerHeader.from] == nil)
        #expect(program[.cookie] == nil)
        await stand.stop()
        await process.stop()
    }

    @Test("The caller's address is taken from a proxy that is trusted, and from nobody else")
    func proxies() async throws {
        let process = try await Scripted()
        let trusting = try await GatewayFixture([:], others: [process.address]) { options in
            options.trustedProxies = AddressSet("127.0.0.0/8,10.0.0.0/8") ?? AddressSet()
        }
        _ = try await trusting.get("/api/tasks", "X-Forwarded-For: 6.6.6.6, 198.51.100.7, 10.0.0.9\r\n")
        #expect(process.asked.last?.headers[InnerHeader.forwardedFor] == "198.51.100.7")
        let several =
            "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: [2001:db8::7]:443\r\nX-Forwarded-For: 10.0.0.9:80\r\n"
        _ = try await trusting.get("/api/tasks", several)
        #expect(process.asked.last?.headers[InnerHeader.forwardedFor] == "2001:db8::7")
        _ = try await trusting.get("/api/tasks", "X-Forwarded-For: 6.6.6.6, unknown\r\n")
        #expect(process.asked.last?.headers[InnerHeader.forwardedFor] == "127.0.0.1")
        await trusting.stop()
        await process.stop()
    }

    @Test("A new port with each request is no new caller: they have one limit")
    func ports() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address]) { options in
            options.trustedProxies = AddressSet("127.0.0.1") ?? AddressSet()
            options.address = .init(perSecond: 0.001, burst: 10)
        }
        var statuses: [Int] = []
        for port in 40_000..<40_030 {
            statuses.append(try await stand.get("/api/tasks", "X-Forwarded-For: 203.0.113.3:\(port)\r\n").status)
        }
        #expect(statuses.count { $0 == 200 } == 10 && statuses.count { $0 == 429 } == 20)
        #expect(try await stand.get("/api/tasks", "X-Forwarded-For: 203.0.113.4:40000\r\n").status == 200)
        await stand.stop()
        await process.stop()
    }

    @Test("X64: the gateway's figures are for this machine by itself, or with the token")
    func figures() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address])
        #expect(try await stand.get("/metrics").status == 200)
        for header in ["X-Forwarded-For: ::1", "Forwarded: for=1.1.1.1", "Via: 1.1 proxy", "X-Real-IP: 127.0.0.1"] {
            #expect(try await stand.get("/metrics", header + "\r\n").status == 403, "\(header)")
        }
        let elsewhere = try await stand.client().ask("GET /metrics HTTP/1.1\r\nHost: popug.example\r\n\r\n")
        #expect(elsewhere?.status == 403)
        let behind = try await GatewayFixture([:], others: [process.address]) { options in
            options.trustedProxies = AddressSet("127.0.0.1") ?? AddressSet()
            options.metricsToken = MetricsToken("a-token-of-the-monitor")
        }
        #expect(try await behind.get("/metrics").status == 403)
        #expect(try await behind.get("/metrics", "Authorization: Bearer a-token-of-the-monitor\r\n").status == 200)
        for each in [stand, behind] { await each.stop() }
        await process.stop()
    }

    @Test("Without a host, or with two, a request is refused with a document, and nobody inside hears of it")
    func hosts() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address])
        for path in ["/healthz", "/tasks", "/api/tasks", "/metrics", "/live"] {
            for hosts in ["", "Host: localhost\r\nHost: localhost\r\n"] {
                let answer = try #require(try await stand.client().ask("GET \(path) HTTP/1.1\r\n\(hosts)\r\n"))
                #expect(answer.status == 400 && answer.body.contains("web.host"), "\(path) \(hosts)")
                #expect(answer.headers["content-type"] == "application/problem+json")
            }
        }
        #expect(process.asked.isEmpty)
        #expect(try #require(try await stand.client().ask("GET /healthz HTTP/1.0\r\n\r\n")).status == 200)
        await stand.stop()
        await process.stop()
    }

    @Test(
        "Who waits to send a body is told to go on where a process takes it, and has the answer at once where none does"
    )
    func expecting() async throws {
        let process = try await Scripted { request, _ in
            var count = 0
            for try await piece in request.body { count += piece.readableBytes }
            return Scripted.text("took \(count)")
        }
        let away = "http://127.0.0.1:1"
        let stand = try await GatewayFixture([:], others: [process.address])
        let closed = try await GatewayFixture(["tracker": [away]], others: [process.address])
        func head(_ target: String, length: Int, type: String = "text/csv") -> String {
            "\(target) HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nIdempotency-Key: k\r\n"
                + "Authorization: Bearer known-inside\r\n"
                + "Content-Type: \(type)\r\nContent-Length: \(length)\r\n\r\n"
        }
        // A file, and what is read before a process is asked.
        for (target, length) in [("POST /api/imports", 2_000_000), ("POST /api/tasks", 2000)] {
            let client = try stand.client()
            await client.send(head(target, length: length))
            #expect(await client.wait(for: "HTTP/1.1 100 Continue\r\n\r\n"), "\(target)")
            await client.send(String(repeating: "a", count: length))
            #expect(await client.wait(for: "took \(length)"), "\(target)")
        }
        let before = process.asked.count
        let refusals = [
            (stand, "POST /api/tasks", 900_000, 413), (stand, "POST /api/nowhere", 20, 404),
            (stand, "DELETE /api/tasks", 20, 405), (closed, "POST /api/imports", 2_000_000, 503),
        ]
        for (stand, target, length, status) in refusals {
            let answer = try #require(try await stand.client().ask(head(target, length: length)))
            #expect(answer.status == status, "\(target)")
            #expect(answer.headers["connection"] == "close", "\(target)")
        }
        #expect(process.asked.dropFirst(before).allSatisfy { $0.path.hasPrefix("/internal/") })
        for each in [stand, closed] { await each.stop() }
        await process.stop()
    }

    @Test("What comes out has the safety headers once, and nothing of the connection inside")
    func outgoing() async throws {
        let process = try await Scripted { _, _ in
            Scripted.text(
                "x",
                headers: [
                    ("X-Content-Type-Options", "nosniff"), ("X-Content-Type-Options", "nosniff"),
                    ("Content-Security-Policy", "default-src 'self'"), ("Connection", "X-Inner, close"),
                    ("X-Inner", "secret"), ("Keep-Alive", "timeout=1"), ("Server", "inner"), ("X-Request-Id", "inner"),
                    ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"),
                ])
        }
        let stand = try await GatewayFixture([:], others: [process.address])
        let client = try stand.client()
        await client.send("GET /api/tasks HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await client.wait(for: "\r\n\r\nx"))
        let text = await client.text().lowercased()
        func count(_ header: String) -> Int { text.components(separatedBy: "\r\n" + header).count - 1 }
        for name in ["x-content-type-options", "content-security-policy", "referrer-policy", "cache-control", "date"] {
            #expect(count(name + ":") == 1, "\(name)")
        }
        #expect(text.contains("default-src 'self'"))
        #expect(count("set-cookie:") == 2)
        for name in ["x-inner", "keep-alive", "server"] { #expect(count(name + ":") == 0, "\(name)") }
        #expect(!text.contains("x-request-id: inner"))
        // HEAD, on the same connection: the length of what GET would answer, and no body.
        let head = try #require(await client.get("/api/tasks", method: "HEAD"))
        #expect(head.status == 200)
        #expect(head.headers["content-length"] == "1")
        #expect(try #require(await client.get("/api/tasks")).body == "x")
        await stand.stop()
        await process.stop()
    }

    @Test("A request that could be read as two is refused, and the inside hears of one at most")
    func smuggling() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address])
        let hidden = "GET /api/people HTTP/1.1\r\nHost: x\r\n\r\n"
        let tries = [
            "Content-Length: \(hidden.utf8.count)\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
            "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + hidden,
            "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n" + hidden,
            "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
            "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + hidden,
            "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + hidden,
            "Content-Length: +5\r\n\r\n" + hidden,
            "Content-Length: 5, 0\r\n\r\n" + hidden,
        ]
        for (number, attempt) in tries.enumerated() {
            let before = process.asked.filter { $0.path == "/api/people" }.count
            let client = try stand.client()
            await client.send(
                "POST /api/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\nIdempotency-Key: k\(number)\r\n" + attempt)
            #expect(await client.waitForEnd())
            let text = await client.text()
            #expect(
                text.components(separatedBy: "HTTP/1.1 ").count - 1 <= 1, "\(attempt.debugDescription): \(text)")
            #expect(process.asked.filter { $0.path == "/api/people" }.count == before, "\(attempt.debugDescription)")
        }
        for target in ["*", "api/tasks", "/api/tasks\u{0}"] {
            let client = try stand.client()
            await client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(await client.waitForEnd())
            #expect(await !client.text().hasPrefix("HTTP/1.1 200"), "\(target)")
        }
        // The absolute form is HTTP too (RFC 9112, 3.2.2): its path counts, and the host in it leads nowhere else.
        #expect(try await stand.get("http://evil/api/tasks").status == 200)
        #expect(process.asked.last?.path == "/api/tasks")
        #expect(process.asked.allSatisfy { $0.path.hasPrefix("/api/tasks") || $0.path == "/internal/missing" })
        #expect(try await stand.get("/api/tasks").status == 200)
        await stand.stop()
        await process.stop()
    }

    @Test("A body of 10 MB is refused, announced or not, headers of 100 kB too, and nobody inside hears of it")
    func tooLarge() async throws {
        let process = try await Scripted()
        let stand = try await GatewayFixture([:], others: [process.address])
        let big = [UInt8](repeating: 0x20, count: 10_000_000)
        let anonymous =
            "POST /api/tasks HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\n"
        let head = anonymous + "Authorization: Bearer known-inside\r\n"
        // X62: beyond 64 KiB nothing is read for somebody without a name.
        for length in ["Content-Length: 70000", "Transfer-Encoding: chunked"] {
            let answer = try #require(try await stand.client().ask(anonymous + length + "\r\n\r\n"))
            #expect(answer.status == 401, "\(length)")
        }
        let announced = try #require(
            try await stand.client().ask(head + "Content-Length: \(big.count)\r\n\r\n", body: big))
        #expect(announced.status == 413)
        #expect(announced.body.contains("web.too-large"))
        let chunk = Array("\(String(big.count, radix: 16))\r\n".utf8) + big + Array("\r\n0\r\n\r\n".utf8)
        #expect(
            try #require(try await stand.client().ask(head + "Transfer-Encoding: chunked\r\n\r\n", body: chunk)).status
                == 413)
        let client = try stand.client()
        await client.send(
            "GET /api/tasks HTTP/1.1\r\nHost: x\r\nX-A: \(String(repeating: "a", count: 100_000))\r\n\r\n")
        #expect(await client.waitForEnd())
        #expect(await !client.text().hasPrefix("HTTP/1.1 200"))
        #expect(process.asked.isEmpty)
        await stand.stop()
        await process.stop()
    }

    @Test("A file streams in as it comes, and a large answer out, byte for byte")
    func streaming() async throws {
        let process = try await Scripted { request, _ in
            if request.method == .post {
                var count = 0
                var sum: UInt64 = 0
                for try await piece in request.body {
                    count += piece.readableBytes
                    for byte in piece.readableBytesView { sum = sum &* 31 &+ UInt64(byte) }
                }
                return Scripted.text("\(count) \(sum)")
            }
            let body = ResponseBody { writer in
                for number in 0..<200 {
                    try await writer.write(ByteBuffer(repeating: UInt8(number), count: 65_536))
                }
                try await writer.finish(nil)
            }
            return Response(status: .ok, body: body)
        }
        let stand = try await GatewayFixture([:], others: [process.address])
        let file = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let sum = file.reduce(UInt64(0)) { $0 &* 31 &+ UInt64($1) }
        let client = APIClient(address: stand.address, token: "known-inside")
        let sent = try await client.send(
            "POST", "/api/imports", body: file, type: "text/csv", key: "file")
        #expect(sent.text == "\(file.count) \(sum)")
        let answer = try await client.send("GET", "/api/tasks")
        #expect(answer.body.count == 200 * 65_536)
        #expect((0..<200).allSatisfy { answer.body[$0 * 65_536] == UInt8($0) })
        await stand.stop()
        await process.stop()
    }

    @Test("A file that is refused before it is read is answered, and the next request goes through")
    func refusedUpload() async throws {
        let process = try await Scripted { request, _ in
            Scripted.text("no", status: request.method == .post ? .unauthorized : .ok)
        }
        let stand = try await GatewayFixture([:], others: [process.address])
        let answer = try await APIClient(address: stand.address).send(
            "POST", "/api/imports", body: [UInt8](repeating: 1, count: 3_000_000), type: "text/csv", key: "k")
        #expect(answer.status == 401)
        let slow = try stand.client()
        await slow.send(
            "POST /api/imports HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Type: text/csv\r\n"
                + "Content-Length: 3000000\r\n\r\nbeginning")
        #expect(await slow.wait(for: "HTTP/1.1 401"))
        #expect(await slow.waitForEnd(), "a body that nobody waits for ends the connection")
        #expect(try await stand.get("/api/tasks").status == 200)
        await stand.stop()
        await process.stop()
    }
}
