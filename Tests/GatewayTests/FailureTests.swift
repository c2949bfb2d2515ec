import Foundation
import Gateway
import HTTPDriver
import Hummingbird
import NIOCore
import ServiceLifecycle
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("The gateway: processes that fail", .tags(.gateway), .ifChosen)
struct FailureTests {
    private static let post =
        "POST /api/tasks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"

    /// An address where nobody listens.
    private static func nowhere() async throws -> String {
        let gone = try await Scripted()
        let address = gone.address
        await gone.stop()
        return address
    }

    @Test("One part away: its pages say which, in the reader's language, with Retry-After; the others work")
    func away() async throws {
        let process = try await Scripted { request, _ in
            Scripted.text("fine", status: request.uri.path.hasPrefix("/internal/") ? .notFound : .ok)
        }
        let stand = try await GatewayFixture(["tracker": [try await Self.nowhere()]], others: [process.address])
        let problem = try await stand.get("/api/tasks")
        #expect(problem.status == 503)
        #expect(problem.headers["content-type"] == "application/problem+json")
        #expect(problem.headers["retry-after"] == "5")
        #expect(problem.body.contains("/problems/gateway.away"))
        #expect(problem.body.contains("Tasks"))
        let page = try await stand.get("/tasks", "Accept-Language: ru\r\n")
        #expect(page.status == 503)
        #expect(page.headers["content-type"] == "text/html; charset=utf-8")
        #expect(page.body.contains("Задачи: сейчас недоступно"))
        #expect(page.headers["content-security-policy"]?.contains("default-src 'none'") == true)
        #expect(try await stand.get("/api/people").status == 200)
        let ready = try await stand.get("/readyz")
        #expect(ready.status == 503)
        #expect(ready.body.hasPrefix("tracker: away (http://127.0.0.1:"))
        #expect(try await stand.get("/metrics").body.contains("popug_gateway_upstream_up"))
        await stand.stop()
        await process.stop()
    }

    @Test("A process that is back is found by the gateway's own knocking, and asked again")
    func back() async throws {
        let process = try await Scripted { _, _ in Scripted.text("identity") }
        let gone = try await Scripted()
        let port = try #require(gone.address.split(separator: ":").last.flatMap { Int($0) })
        await gone.stop()
        let stand = try await GatewayFixture(["tracker": [gone.address]], others: [process.address])
        #expect(try await stand.get("/api/tasks").status == 503)
        let again = try await Scripted(port: port) { _, _ in Scripted.text("back") }
        #expect(try await stand.wait("/api/tasks") { $0.status == 200 && $0.body == "back" })
        #expect(try await stand.wait("/readyz") { $0.status == 200 })
        await stand.stop()
        await again.stop()
        await process.stop()
    }

    @Test("What was refused goes to another process: a look-up always, a change where it has an Idempotency-Key")
    func refused() async throws {
        let process = try await Scripted()
        let dying = try await Scripted()
        let stand = try await GatewayFixture(["tracker": [dying.address, process.address]], others: [process.address])
        await dying.stop()
        for key in ["a", "b", "c"] {
            let answer = try await stand.client().ask(Self.post + "Idempotency-Key: \(key)\r\n\r\n{}")
            #expect(answer?.status == 200)
            #expect(try await stand.get("/api/tasks").status == 200)
        }
        #expect(process.asked.filter { $0.method == "POST" }.count == 3)
        await stand.stop()
        await process.stop()
    }

    @Test("A change whose answer was lost is not sent again, and its caller is told so; a look-up is asked elsewhere")
    func lost() async throws {
        let process = try await Scripted()
        let dying = try await Scripted { _, context in try await Scripted.die(context) }
        let stand = try await GatewayFixture(["tracker": [dying.address, process.address]], others: [process.address])
        var statuses: [Int] = []
        for number in 0..<2 {
            let answer = try await stand.client().ask(Self.post + "Idempotency-Key: k\(number)\r\n\r\n{}")
            statuses.append(answer?.status ?? 0)
            if answer?.status == 502 { #expect(answer?.body.contains("gateway.lost") == true) }
        }
        #expect(statuses.sorted() == [200, 502])
        #expect((process.asked + dying.asked).filter { $0.method == "POST" }.count == 2)
        for _ in 0..<4 { #expect(try await stand.get("/api/tasks").status == 200) }
        await stand.stop()
        await process.stop()
        await dying.stop()
    }

    @Test("A process that hangs is given up: 504, a change is not sent again; after five its circuit opens")
    func hangs() async throws {
        let process = try await Scripted()
        // Until it is told to stop.
        let hanging = try await Scripted { _, _ in
            try await gracefulShutdown()
            return Scripted.text("late")
        }
        let stand = try await GatewayFixture(["tracker": [hanging.address]], others: [process.address]) { options in
            options.times.connect = 250
            options.times.firstByte = 250
            options.times.probe = 60_000
        }
        for number in 0..<5 {
            let answer =
                number == 0
                ? try await stand.client().ask(Self.post + "Idempotency-Key: k\r\n\r\n{}")
                : try await stand.client().get("/api/tasks")
            #expect(answer?.status == 504)
            #expect(answer?.body.contains("gateway.slow") == true)
        }
        #expect(hanging.asked.filter { $0.method == "POST" }.count == 1)
        #expect(try await stand.get("/api/tasks").status == 503)
        #expect(hanging.asked.count == 5, "an open circuit asks nobody")
        #expect(try await stand.get("/api/people").status == 200)
        await stand.stop()
        await process.stop()
        await hanging.stop()
    }

    @Test("An answer that breaks off, or stops in the middle, ends the connection: nobody takes it for a whole one")
    func brokenOff() async throws {
        let (halves, seen) = AsyncStream<Void>.makeStream()
        let process = try await Scripted { request, context in
            let stops = request.uri.path == "/api/people"
            let body = ResponseBody(contentLength: 100) { writer in
                try await writer.write(ByteBuffer(string: "half"))
                if stops { return try await gracefulShutdown() }
                // What is written just before an end may get lost with it.
                _ = await halves.first { _ in true }
                try await context.channel.close()
            }
            return Response(status: .ok, body: body)
        }
        let stand = try await GatewayFixture([:], others: [process.address]) { $0.times.idle = 2000 }
        for path in ["/api/tasks", "/api/people"] {
            let client = try stand.client()
            await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await client.wait(for: "half"))
            seen.yield()
            #expect(await client.waitForEnd())
        }
        await stand.stop()
        await process.stop()
    }

    @Test("Whoever asks too much is told how long to wait: by address, and by person across addresses")
    func rates() async throws {
        let test = try TestExchange()
        let process = try await test.process()
        let stand = try await GatewayFixture([:], others: [process.address], clock: test.clock) { options in
            options.address = .init(perSecond: 0.1, burst: 230)
            options.person = .init(perSecond: 0.1, burst: 3)
        }
        let token = try test.token(of: test.admin)
        let client = try stand.client()
        // Until the gateway knows Identity's keys nobody is known as a person; asking has no other price than the
        // address's.
        var answer: WebSocketClient.Answer?
        for _ in 0..<200 where answer?.status != 429 {
            answer = await client.get("/api/me", "Authorization: Bearer \(token)\r\n")
        }
        #expect(answer?.status == 429)
        #expect((Int(answer?.headers["retry-after"] ?? "") ?? 0) > 0)
        #expect(answer?.body.contains("gateway.too-many") == true)
        #expect(try #require(await client.get("/api/keys")).status == 200, "others at the same address go on")
        var last: WebSocketClient.Answer?
        for _ in 0..<231 where last?.status != 429 { last = await client.get("/tasks") }
        #expect(last?.status == 429)
        #expect(last?.headers["content-type"] == "text/html; charset=utf-8")
        #expect(try #require(await client.get("/healthz")).status == 200)
        await stand.stop()
        await process.stop()
    }

    @Test("Told to stop, it finishes what is under way, and is not ready meanwhile")
    func stopping() async throws {
        let (gates, open) = AsyncStream<Void>.makeStream()
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        let process = try await Scripted { _, _ in
            arrived.yield()
            _ = await gates.first { _ in true }
            return Scripted.text("done")
        }
        let stand = try await GatewayFixture([:], others: [process.address])
        let client = try stand.client()
        await client.send("GET /api/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        _ = await arrivals.first { _ in true }
        await stand.gateway.beginStop()
        open.yield()
        #expect(await client.wait(for: "done"))
        #expect(await client.waitForEnd())
        await stand.stop()
        #expect(throws: (any Error).self) { try stand.client() }
        await process.stop()
    }
}
