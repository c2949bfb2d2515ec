import NIOCore

/// Ends a connection whose other end keeps the server waiting in the middle of a request: ten seconds for a head, the
/// ``SenderPace`` for a body, also for one that is only read to its end because its request has been answered. A
/// connection between two requests is not this one's business: the framework closes it when it is idle.
///
/// It stands before the decoder and counts bytes; ``RequestHeads``, behind it, says where requests begin and end.
final class SenderWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private enum State {
        /// Between two requests.
        case rest
        /// A head is on its way; closed where it is not there by then.
        case head(by: NIODeadline)
        case body(SenderPace, asked: NIODeadline?)
    }

    private let headTime: TimeAmount
    private let awaitsFirst: Bool
    private let pace: SenderPace
    private var state = State.rest
    private var look: (at: NIODeadline, task: Scheduled<Void>)?

    /// What a slow sender is told so in, before the connection ends.
    private static let grace = 5.0

    init(_ options: HTTPServer.Options) {
        headTime = .milliseconds(Int64(options.headSeconds * 1000))
        awaitsFirst = options.facesPeople
        pace = SenderPace(seconds: options.bodySeconds + SenderWatch.grace)
    }

    // MARK: What is on its way

    func channelActive(context: ChannelHandlerContext) {
        if awaitsFirst { awaitHead(context) }
        context.fireChannelActive()
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if awaitsFirst, context.channel.isActive { awaitHead(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        look?.task.cancel()
    }

    func read(context: ChannelHandlerContext) {
        if case .body(let pace, nil) = state {
            state = .body(pace, asked: .now())
            watch(context)
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .rest: awaitHead(context)
        case .head: break
        case .body(var pace, let asked):
            let time = asked.map { Double((NIODeadline.now() - $0).nanoseconds) / 1e9 } ?? 0
            pace.waited(time, for: unwrapInboundIn(data).readableBytes)
            state = .body(pace, asked: nil)
        }
        context.fireChannelRead(data)
    }

    /// A head is whole; its body follows.
    func headCame() {
        state = .body(pace, asked: nil)
    }

    /// A request is whole.
    func requestCame() {
        state = .rest
    }

    private func awaitHead(_ context: ChannelHandlerContext) {
        state = .head(by: .now() + headTime)
        watch(context)
    }

    // MARK: The clock

    private var deadline: NIODeadline? {
        switch state {
        case .rest: nil
        case .head(let time): time
        case .body(_, nil): nil
        case .body(let pace, let asked?): asked + .nanoseconds(Int64(max(0, pace.seconds) * 1e9))
        }
    }

    /// Plans a look for the deadline, unless one is planned that comes earlier: a connection on which all is quick costs
    /// a look in ten seconds.
    private func watch(_ context: ChannelHandlerContext) {
        guard let deadline else { return }
        if let look {
            guard deadline < look.at else { return }
            look.task.cancel()
        }
        let task = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            self.look = nil
            guard let deadline = self.deadline else { return }
            if deadline <= .now() { context.close(promise: nil) } else { self.watch(context) }
        }
        look = (deadline, task)
    }
}
