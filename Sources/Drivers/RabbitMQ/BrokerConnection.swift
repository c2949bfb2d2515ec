import CRabbitMQ
import Foundation
import Messaging
import Storage

/// One connection to the broker, for the streams of one topic.
///
/// It is `Sendable` because its owner uses it on one thread at a time, under the owner's lock.
final class BrokerConnection: @unchecked Sendable {
    /// Seconds between heartbeats; a peer that was silent for two of them is gone. ``frame(waiting:isWhole:)`` handles
    /// the heartbeats of both sides.
    private static let heartbeat: Int32 = 10

    let topic: Topic
    let handle: popug_connection
    /// The names of the streams, by partition.
    let queues: [CText]
    let broker: Broker
    private let address: RabbitMQSettings.Address
    private let alarm: Alarm
    /// Why the broker takes no messages at the moment.
    private var blockedBy: String?
    private var isSending = false
    private var hasRung = false
    /// The connection can no longer be used.
    private(set) var isLost = false
    /// Holds a message's attributes while it is sent.
    var scratch: [UInt8] = []

    var patience: Double { broker.settings.patience }

    /// Connects and signs in.
    init(to address: RabbitMQSettings.Address, topic: Topic, broker: Broker, alarm: Alarm) throws {
        guard let made = amqp_new_connection() else { throw StorageError.unavailable("no memory for a connection") }
        handle = made
        self.topic = topic
        self.broker = broker
        self.address = address
        self.alarm = alarm
        queues = (0..<Topic.partitions).map { CText("\(broker.settings.prefix).\(topic.name).\($0)") }
        try open()
    }

    deinit {
        amqp_destroy_connection(handle)
    }

    private func open() throws {
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        let socket = address.isSecure ? amqp_ssl_socket_new(handle) : amqp_tcp_socket_new(handle)
        guard let socket else { throw unavailable("no memory for a socket") }
        if address.isSecure {
            let authorities = broker.settings.authorities ?? "/etc/ssl/certs/ca-certificates.crt"
            guard amqp_ssl_socket_set_cacert(socket, authorities) == AMQP_STATUS_OK.rawValue else {
                throw unavailable("the authorities in \(authorities) cannot be read")
            }
            amqp_ssl_socket_set_verify_peer(socket, 1)
            amqp_ssl_socket_set_verify_hostname(socket, 1)
            amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST)
        }
        try expect(amqp_socket_open_noblock(socket, address.host, Int32(address.port), &limit))
        tuneSocket()
        amqp_set_handshake_timeout(handle, &limit)
        var answer = timeval(tv_sec: Int(patience), tv_usec: 0)
        amqp_set_rpc_timeout(handle, &answer)
        try expect(
            popug_login(
                handle, address.vhost, Self.heartbeat, "popug \(topic.name)", address.user, address.password))
    }

    /// Sets the socket so that a peer that is gone without a word is noticed: by keepalive while nothing is sent, and
    /// by the timeout for unacknowledged data while something is (including a full window).
    private func tuneSocket() {
        let socket = amqp_get_sockfd(handle)
        func set(_ level: Int32, _ option: Int32, _ value: Int32) {
            var value = value
            setsockopt(socket, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        // The buffer holds more than may be unconfirmed. So a broker that reads nothing is noticed in the wait for
        // confirmations, and not in a send, which has no time limit.
        set(SOL_SOCKET, SO_SNDBUF, Int32(2 * Confirms.window))
        #if os(Linux)
            set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10)
            set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5)
            set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
            // TCP_USER_TIMEOUT, in milliseconds. Swift's module for the C library leaves it out.
            set(Int32(IPPROTO_TCP), 18, 20_000)
        #endif
    }

    /// Closes the connection properly, if that is still possible.
    func bye() {
        guard !isLost else { return }
        isLost = true
        var limit = timeval(tv_sec: 2, tv_usec: 0)
        amqp_set_rpc_timeout(handle, &limit)
        _ = amqp_connection_close(handle, AMQP_REPLY_SUCCESS)
    }

    // MARK: What has come

    /// Takes what has arrived, without waiting: heartbeats, the broker's close, its notice that it is short of memory.
    func listen() throws {
        while try frame(waiting: 0) != nil { release() }
    }

    /// - Throws: `StorageError.unavailable` while the broker takes no messages.
    private func expectUnblocked() throws {
        if let blockedBy { throw unavailable(Self.blocked(blockedBy)) }
    }

    private static func blocked(_ reason: String) -> String { "it takes no messages at present: \(reason)" }

    /// Sends messages and reads the answers to them. Both stop once the broker takes no messages.
    func sending<T>(_ body: () throws -> T) throws -> T {
        try expectUnblocked()
        isSending = true
        defer { isSending = false }
        return try body()
    }

    /// The next frame for a channel; `nil` if none has come in that time, or the alarm rang.
    ///
    /// - Parameter isWhole: do not end early if the alarm rings, because the rest of something must come. The next wait
    ///   ends early instead.
    func frame(waiting seconds: Double, isWhole: Bool = false) throws -> amqp_frame_t? {
        var deadline: ContinuousClock.Instant?
        while true {
            var frame = amqp_frame_t()
            var none = timeval()
            let status = amqp_simple_wait_frame_noblock(handle, &frame, &none)
            if status == AMQP_STATUS_OK.rawValue {
                if try concernsChannel(frame) { return frame }
                continue
            }
            guard status == AMQP_STATUS_TIMEOUT.rawValue else { throw lost(Self.words(status)) }
            guard !broker.isClosed else { throw StorageError.closed }
            guard seconds > 0 else { return nil }
            let now = ContinuousClock.now
            let end = deadline ?? now + .seconds(seconds)
            deadline = end
            if hasRung && !isWhole {
                hasRung = false
                return nil
            }
            guard now < end else { return nil }
            // Never longer at a time than heartbeats allow.
            let left = min(2, (end - now) / .seconds(1))
            if alarm.wait(for: amqp_get_sockfd(handle), atMost: left + 0.001) { hasRung = true }
        }
    }

    /// The next frame, which must come now.
    func rest() throws -> amqp_frame_t {
        guard let frame = try frame(waiting: patience, isWhole: true) else {
            throw lost("it has not answered for \(Int(patience)) seconds")
        }
        return frame
    }

    /// Waits until there is something to read. Returns whether the alarm rang instead.
    func isRung(waiting seconds: Double) -> Bool {
        if hasRung {
            hasRung = false
            return true
        }
        return alarm.wait(for: amqp_get_sockfd(handle), atMost: seconds)
    }

    /// Frees the memory that frames point at. The frames, and what was read from them without copying, become invalid.
    func release() {
        amqp_maybe_release_buffers(handle)
    }

    private func concernsChannel(_ frame: amqp_frame_t) throws -> Bool {
        guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { return true }
        let method = frame.payload.method
        switch popug_method(method.id) {
        case popug_connection_blocked:
            let told = method.decoded.assumingMemoryBound(to: amqp_connection_blocked_t.self).pointee
            blockedBy = String(told.reason)
            if isSending { throw lost(Self.blocked(String(told.reason))) }
            return false
        case popug_connection_unblocked:
            blockedBy = nil
            return false
        case popug_connection_close:
            let told = method.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            throw lost(String(told.reply_text))
        case popug_channel_close:
            let told = method.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            throw lost(String(told.reply_text))
        case popug_basic_cancel:
            throw lost("a stream of \(topic) is gone")
        default:
            return true
        }
    }

    // MARK: What goes wrong

    /// The error for a connection that can no longer be used.
    func lost(_ reason: String) -> StorageError {
        if !isLost { broker.noteLoss(of: address, reason) }
        isLost = true
        return unavailable(reason)
    }

    private func unavailable(_ reason: String) -> StorageError {
        .unavailable("the RabbitMQ broker at \(address): \(reason)")
    }

    func expect(_ status: Int32) throws {
        guard status != AMQP_STATUS_OK.rawValue else { return }
        throw lost(Self.words(status))
    }

    func expect(_ reply: amqp_rpc_reply_t) throws {
        switch reply.reply_type {
        case AMQP_RESPONSE_NORMAL: return
        case AMQP_RESPONSE_SERVER_EXCEPTION: throw lost(refusal(reply)?.text ?? "it closed the connection")
        case AMQP_RESPONSE_LIBRARY_EXCEPTION: throw lost(Self.words(reply.library_error))
        default: throw lost("it closed the connection")
        }
    }

    /// The broker's refusal of what was asked of it, if it refused.
    func refusal(_ reply: amqp_rpc_reply_t) -> (code: UInt16, text: String, isOfChannel: Bool)? {
        guard reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION else { return nil }
        switch popug_method(reply.reply.id) {
        case popug_channel_close:
            let told = reply.reply.decoded.assumingMemoryBound(to: amqp_channel_close_t.self).pointee
            return (told.reply_code, String(told.reply_text), true)
        case popug_connection_close:
            let told = reply.reply.decoded.assumingMemoryBound(to: amqp_connection_close_t.self).pointee
            return (told.reply_code, String(told.reply_text), false)
        default: return nil
        }
    }

    private static func words(_ status: Int32) -> String {
        String(cString: amqp_error_string2(status))
    }
}
