import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import Values
import Web

/// The framework's HTTP/1.1, with ``RequestHeads`` placed where requests are still unchanged, and ``SenderWatch``
/// before everything else. While there are many connections, an address that has its share of them is turned away
/// (X62).
struct HTTPConnections: ServerChildChannel {
    /// The connection is one more than the address may have.
    private struct TurnedAway: Error {}

    let framework: HTTP1Channel
    let options: HTTPServer.Options
    let places: FairTurnstile<String>

    init(framework: HTTP1Channel, options: HTTPServer.Options) {
        self.framework = framework
        self.options = options
        places = FairTurnstile(
            places: .max, each: options.mostOfOneAddress, onceTaken: options.mostConnections / 2)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        let key = options.countedAs(RequestConnection.peer(of: channel))
        guard places.enter(key) else {
            channel.close(promise: nil)
            return channel.eventLoop.makeFailedFuture(TurnedAway())
        }
        channel.closeFuture.whenComplete { [places] _ in places.leave(key) }
        return framework.setup(channel: channel, logger: logger).flatMapThrowing { [options] value in
            let pipeline = channel.pipeline.syncOperations
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            let watch = SenderWatch(options)
            try pipeline.addHandler(watch, position: .first)
            try pipeline.addHandler(RequestHeads(watch), position: .before(codec))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await framework.handle(value: value, logger: logger)
    }
}

/// Keeps what the framework forgets about a request's head: its HTTP version, and whether the sender waits before it
/// sends the body (`Expect: 100-continue`). Such a sender is told to go on (100) when the body is asked for. If the
/// request is answered before that, the connection ends with the answer: nobody can know whether the body still comes.
final class RequestHeads: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// The handler of the request wants its body.
    struct BodyWanted: Sendable {}

    /// For each request that is not answered yet, whether its sender waits.
    private var waits: [Bool] = []
    private let watch: SenderWatch

    init(_ watch: SenderWatch) {
        self.watch = watch
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard case .head(var head) = part else {
            if case .end = part { watch.requestCame() }
            // The body has started to arrive, or there is none.
            if !waits.isEmpty { waits[waits.count - 1] = false }
            return context.fireChannelRead(data)
        }
        watch.headCame()
        if head.version != .http1_1 {
            // HTTP/1.0 had neither: its requests need not name a host, and never wait.
            head.headers.remove(name: "Expect")
            if !head.headers.contains(name: "Host") { head.headers.add(name: "Host", value: "") }
        }
        waits.append(head.headers[canonicalForm: "Expect"].contains { $0.lowercased() == "100-continue" })
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is BodyWanted else { return context.triggerUserOutboundEvent(event, promise: promise) }
        if waits.first == true {
            waits[0] = false
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
        }
        promise?.succeed(())
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where waits.first == true:
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            if !waits.isEmpty { waits.removeFirst() }
            context.write(data, promise: promise)
        default: context.write(data, promise: promise)
        }
    }
}

extension Request {
    /// HTTP/1.1 requires the header `Host` exactly once: without it, or with two, the request is ambiguous.
    package var namesOneHost: Bool {
        head.authority != nil && headers[.known("Host")] == nil
    }
}

extension Request {
    /// How many bytes the body has; `nil` if the request does not say, 0 if there is no body.
    /// - Throws: a 413 problem for more than `limit`; a 400 problem for an unknown encoding.
    package func bodyLength(limit: Int) throws -> Int? {
        if let length = headers[.contentLength] {
            guard let length = Int(length), length <= limit else { throw EndpointRunner.tooLarge(limit) }
            return length
        }
        guard let encoding = headers[.transferEncoding] else { return 0 }
        guard encoding.lowercased() == "chunked" else { throw Problem(400, "web.encoding") }
        return nil
    }
}

extension RequestConnection {
    /// Call this before reading a request's body, and only if the body is wanted: its sender may be waiting for that.
    package func wantBody(of request: Request) async {
        guard request.headers[.expect] != nil else { return }
        // If the connection has ended meanwhile, reading the body reports it.
        try? await channel.triggerUserOutboundEvent(RequestHeads.BodyWanted())
    }
}
