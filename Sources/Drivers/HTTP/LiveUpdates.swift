import Directory
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle
import Values
import Web

/// `GET /live?topics=a,b&since=…`: server-sent events that say which topic has changed, for anyone who is signed in.
/// They carry no data; a page that receives one fetches what it shows again, under that page's own guard. `since` is
/// when the page was made (milliseconds since 1970): changes between then and now are sent at once.
struct LiveUpdates: Sendable {
    private static let heartbeat = Duration.seconds(15)

    private let entrance: Entrance
    private let source: @Sendable (Set<String>, Instant?) -> AsyncStream<String>
    private let places: FairTurnstile<ID>

    init(
        entrance: Entrance, source: @escaping @Sendable (Set<String>, Instant?) -> AsyncStream<String>,
        options: HTTPServer.Options
    ) {
        self.entrance = entrance
        self.source = source
        places = FairTurnstile(places: options.mostStreams, each: options.mostStreamsOfOne)
    }

    func response(to request: Request, _ web: WebRequest, headers: ResponseHeaders) async -> Response {
        let person: ID
        do {
            person = try await entrance.authenticate(web).id
        } catch {
            var api = web
            api.path = "/api/live"
            let refused = entrance.refusal(api, .none, error)
            return Response(
                status: .init(code: refused.status), headers: headers.fields(for: refused, id: web.id),
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: refused.body)))
        }
        let query = (try? NamedValues(web.query).last) ?? [:]
        let since = query["since"].flatMap { Int64($0) }.map { Instant(milliseconds: $0) }
        let topics = Set((query["topics"] ?? "").split(separator: ",").prefix(20).map(String.init))
        guard !topics.isEmpty, topics.allSatisfy(LiveUpdates.isName) else {
            return Response(status: .badRequest, headers: headers.plain("text/plain; charset=utf-8", id: web.id))
        }
        let body = ResponseBody { writer in
            guard places.enter(person) else {
                // Too many listeners: the page works without live updates, and asks again later.
                try await writer.write(ByteBuffer(string: "retry: 60000\n\n"))
                return try await writer.finish(nil)
            }
            defer { places.leave(person) }
            try await writer.write(ByteBuffer(string: "retry: 2000\n: here\n\n"))
            // This also ends when the caller leaves, not only when the next line cannot be written.
            try? await request.body.consumeWithCancellationOnInboundClose { _ in
                for await line in lines(topics, since, web) { try await writer.write(ByteBuffer(string: line)) }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers.plain("text/event-stream", id: web.id), body: body)
    }

    /// The lines to send, until the server stops or the caller's session ends.
    private func lines(_ topics: Set<String>, _ since: Instant?, _ web: WebRequest) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream<String>.makeStream(bufferingPolicy: .bufferingNewest(64))
        let moved = source(topics, since)
        let work = Task {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await topic in moved { continuation.yield("event: moved\ndata: \(topic)\n\n") }
                }
                group.addTask {
                    while (try? await Task.sleep(for: LiveUpdates.heartbeat)) != nil {
                        guard (try? await entrance.authenticate(web)) != nil else { return }
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

    private static func isName(_ topic: String) -> Bool {
        (1...50).contains(topic.utf8.count)
            && topic.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
