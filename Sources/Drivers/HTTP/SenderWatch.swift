import NIOCore

/// Ends a connection whose other end keeps the server waiting in the middle of a request: after ten seconds for a head,
/// and by ``SenderPace`` for a body. This includes a body that is only read to its end because its request has been
/// answered already. It ignores a connection between two requests: the framework closes that when it is idle.
///
/// It stands before the decoder and counts bytes; ``RequestHeads``, behind it, says where requests begin and end.
final class SenderWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private enum State {
        /// Between two requests.
        case rest
        /// A head is arriving; the connection is closed if it is not complete by then.
        case head(by: NIODeadline)
        case body(SenderPace, asked: NIODeadline?)
    }

    private let headTime: TimeAmount
    private let awaitsFirst: Bool
    private let pace: SenderPace
    private var state = State.rest
    private var look: (at: NIODeadline, task: Scheduled<Void>)?

    init(_ options: HTTPServer.Options) {
        headTime = .milliseconds(Int64(options.headSeconds * 1000))
        awaitsFirst = options.facesPeople
        pace = SenderPace(seconds: options.bodySeconds + options.errorSeconds)
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

    /// The head is complete; the body follows.
    func headCame() {
        state = .body(pace, asked: nil)
    }

    /// The request is complete.
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

    /// Schedules a check at the deadline, unless an earlier one is scheduled. So a connection on which everything is
    /// quick costs one check in ten seconds.
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
