import AsyncHTTPClient
import HTTPDriver
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Synchronization
import Values
import Web

/// `GET /live?topics=a,b`: one stream for a page, merged from one stream of each service that it names. Each service
/// checks the caller itself, at once and every 15 seconds. If a stream breaks off, it is requested again from the time
/// it was last heard, while the others go on.
struct LiveMerge: Sendable {
    private static let heartbeat = Duration.seconds(15)
    private static let mostPause = 30_000

    let carrier: ProxyClient
    let key: GatewayKey
    let headers: ResponseHeaders
    let acquaintance: IdentityKeys
    let places: FairTurnstile<String>
    let environment: Values.Environment

    /// The topics that one service reports.
    private struct Source: Sendable {
        /// `nil`: any process.
        let part: String?
        let topics: [String]
    }

    /// A stream that was opened; `nil` if its service is away for now.
    private struct Opened: Sendable {
        let source: Source
        let reply: ProxyClient.Reply?
    }

    /// What to do with an answer that is not a stream: the caller is not signed in, or not of the staff.
    enum Outcome {
        case stream(Response)
        case refused(ProxyClient.Reply)
        case wrong
    }

    func answer(_ visit: InboundRequest) async -> Outcome {
        let query = (try? NamedValues(visit.web.query).last) ?? [:]
        let topics = Set((query["topics"] ?? "").split(separator: ",").prefix(20).map(String.init))
        guard !topics.isEmpty, topics.allSatisfy(LiveMerge.isName) else { return .wrong }
        let since = query["since"].flatMap { Int64($0) }
        let sources = Dictionary(grouping: topics.sorted()) { carrier.upstreams.has($0) ? $0 : nil }
            .map { Source(part: $0.key, topics: $0.value) }
        let opened = await withTaskGroup(of: Opened.self) { group in
            for source in sources {
                group.addTask { Opened(source: source, reply: await open(source, since, visit)) }
            }
            return await group.reduce(into: [Opened]()) { $0.append($1) }
        }
        if let refused = opened.compactMap(\.reply).first(where: { $0.status != 200 }) { return .refused(refused) }
        return .stream(stream(opened, visit, since))
    }

    private func open(_ source: Source, _ since: Int64?, _ visit: InboundRequest) async -> ProxyClient.Reply? {
        var target = "/live?topics=" + source.topics.joined(separator: ",")
        if let since { target += "&since=\(since)" }
        let errand = ProxyRequest(method: "GET", target: target, headers: visit.innerPart(key))
        if let reply = try? await carrier.send(errand, to: source.part, asStream: true) {
            // Anything but a stream or a refusal means a process in trouble.
            return reply.status == 200 || (400..<500).contains(reply.status) ? reply : nil
        }
        // Every process follows the ends of all topics, so another one may know.
        guard source.part != nil else { return nil }
        guard let reply = try? await carrier.send(errand, to: nil, asStream: true) else { return nil }
        return reply.status == 200 ? reply : nil
    }

    private func stream(_ opened: [Opened], _ visit: InboundRequest, _ since: Int64?) -> Response {
        let body = ResponseBody { writer in
            let caller = visit.token.flatMap { acquaintance.person($0)?.description } ?? visit.caller?.subscriber ?? ""
            guard places.enter(caller) else {
                // The page works without live updates, and asks again later.
                try await writer.write(ByteBuffer(string: "retry: 60000\n\n"))
                return try await writer.finish(nil)
            }
            defer { places.leave(caller) }
            try await writer.write(ByteBuffer(string: "retry: 2000\n: here\n\n"))
            // This also ends when the caller leaves, not only when the next line cannot be written.
            try? await visit.request.body.consumeWithCancellationOnInboundClose { _ in
                for await line in lines(opened, visit, since) { try await writer.write(ByteBuffer(string: line)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers.plain("text/event-stream", id: visit.id), body: body)
    }

    /// The lines to send, until the gateway stops or a service says that the caller may no longer listen.
    private func lines(_ opened: [Opened], _ visit: InboundRequest, _ since: Int64?) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(256))
        let work = Task {
            await withTaskGroup(of: Void.self) { group in
                for opened in opened {
                    group.addTask { await follow(opened, visit, since) { continuation.yield($0) } }
                }
                group.addTask {
                    while (try? await Task.sleep(for: LiveMerge.heartbeat)) != nil {
                        continuation.yield(": still here\n\n")
                    }
                }
                group.addTask { try? await gracefulShutdown() }
                await group.next()
                group.cancelAll()
                continuation.finish()
            }
        }
        continuation.onTermination = { _ in work.cancel() }
        return lines
    }

    /// Passes on what one service sends, over as many connections as it takes. Returns when the caller may no longer
    /// listen, or the task is cancelled.
    private func follow(
        _ opened: Opened, _ visit: InboundRequest, _ since: Int64?, _ say: @Sendable (String) -> Void
    ) async {
        var reply = opened.reply
        var heard = since ?? environment.now().milliseconds
        var pause = 500
        while !Task.isCancelled {
            if let current = reply {
                guard current.status == 200 else { return }
                var events = EventLines()
                do {
                    for try await piece in current.response.body {
                        // Allows for a second of clock difference between machines.
                        heard = environment.now().milliseconds - 1000
                        pause = 500
                        for event in events.take(piece) { say(event) }
                    }
                } catch {
                    carrier.note("lost", current.upstream, error)
                }
            }
            guard (try? await Task.sleep(for: .milliseconds(pause))) != nil else { return }
            pause = min(pause * 2, LiveMerge.mostPause)
            reply = await open(opened.source, heard, visit)
        }
    }

    private static func isName(_ topic: String) -> Bool {
        (1...50).contains(topic.utf8.count)
            && topic.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}

/// Splits a stream of server-sent events into whole events, without comments.
struct EventLines {
    private var rest = ""

    /// The events that are complete now, each with the empty line after it.
    mutating func take(_ piece: ByteBuffer) -> [String] {
        rest += String(buffer: piece)
        var events: [String] = []
        while let end = rest.firstRange(of: "\n\n") {
            let event = rest[..<end.upperBound]
            if event.hasPrefix("event: ") { events.append(String(event)) }
            rest = String(rest[end.upperBound...])
        }
        // None of our events is longer, so longer text is not an event.
        if rest.utf8.count > 4096 { rest = "" }
        return events
    }
}
