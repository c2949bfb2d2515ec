import Foundation
import Gateway
import HTTPDriver
import Synchronization
import TestKit
import TestTraits
import Testing
import Values

/// What a process has to tell its listeners, as the test says it.
final class LiveSource: Sendable {
    private struct State {
        var next = 0
        var listening: [Int: (topics: Set<String>, since: Instant?, stream: AsyncStream<String>.Continuation)] = [:]
        var seen: [Instant?] = []
    }
    private let state = Mutex(State())

    func stream(_ topics: Set<String>, _ since: Instant?) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream<String>.makeStream()
        let number = state.withLock { state in
            state.next += 1
            state.listening[state.next] = (topics, since, continuation)
            state.seen.append(since)
            return state.next
        }
        continuation.onTermination = { [self] _ in
            state.withLock { $0.listening[number] = nil }
        }
        return stream
    }

    func moved(_ topic: String) {
        let streams = state.withLock { $0.listening.values.filter { $0.topics.contains(topic) }.map(\.stream) }
        for stream in streams { stream.yield(topic) }
    }

    var topics: [Set<String>] { state.withLock { $0.listening.values.map(\.topics) } }
    /// From when on each listener so far wanted to know.
    var since: [Instant?] { state.withLock { $0.seen } }

    /// Waits until the number of listeners fits.
    func wait(for count: Int) async -> Bool {
        for _ in 0..<2_000 {
            if topics.count == count { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}

@Suite("The gateway: live updates", .tags(.gateway), .ifChosen)
struct LiveTests {
    private func ask(_ token: String, _ topics: String) -> String {
        "GET /live?topics=\(topics)&since=1772442000000 HTTP/1.1\r\nHost: x\r\nCookie: popug_session=\(token)\r\n\r\n"
    }

    @Test("A page's one stream carries what several services tell; each is asked for its own topics, by the caller")
    func merged() async throws {
        let test = try TestExchange()
        let (tracking, accounting) = (LiveSource(), LiveSource())
        let identity = try await test.process()
        let tracker = try await test.process("tracker", live: tracking)
        let money = try await test.process("accounting", live: accounting)
        let stand = try await GatewayFixture(
            ["tracker": [tracker.address], "accounting": [money.address]], others: [identity.address])
        #expect(try await stand.get("/live?topics=tracker,accounting").status == 401)
        #expect(try await stand.get("/live?topics=Not-A-Topic").status == 400)
        let client = try stand.client()
        await client.send(ask(try test.token(of: test.admin), "accounting,tracker"))
        #expect(await client.wait(for: ": here"))
        #expect(await tracking.wait(for: 1))
        #expect(await accounting.wait(for: 1))
        #expect(tracking.topics == [["tracker"]])
        #expect(accounting.topics == [["accounting"]])
        #expect(tracking.since == [Instant(milliseconds: 1_772_442_000_000)])
        tracking.moved("tracker")
        #expect(await client.wait(for: "event: moved\ndata: tracker\n\n"))
        accounting.moved("accounting")
        #expect(await client.wait(for: "event: moved\ndata: accounting\n\n"))
        // The caller goes: nobody inside listens for them any more.
        await client.end()
        #expect(await tracking.wait(for: 0))
        #expect(await accounting.wait(for: 0))
        for server in [stand.gateway, identity, tracker, money] { await server.stop() }
    }

    @Test("A process that goes away is asked again when it is back, from when it was last heard; the others go on")
    func goesAway() async throws {
        let test = try TestExchange()
        let (tracking, accounting) = (LiveSource(), LiveSource())
        let identity = try await test.process(live: LiveSource())
        let tracker = try await test.process("tracker", live: tracking)
        let money = try await test.process("accounting", live: accounting)
        let stand = try await GatewayFixture(
            ["tracker": [tracker.address], "accounting": [money.address]], others: [identity.address])
        let client = try stand.client()
        await client.send(ask(try test.token(of: test.admin), "accounting,tracker"))
        #expect(await client.wait(for: ": here"))
        #expect(await tracking.wait(for: 1))
        await tracker.stop()
        #expect(await tracking.wait(for: 0))
        accounting.moved("accounting")
        #expect(await client.wait(for: "data: accounting"))
        await stand.stop()
        #expect(await client.waitForEnd(), "a gateway that stops ends its streams")
        for server in [identity, money] { await server.stop() }
    }
}
