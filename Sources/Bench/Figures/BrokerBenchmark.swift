import CRabbitMQ
import Foundation
import Messaging
import RabbitMQDriver
import TestKit
import Values

/// The event log on RabbitMQ: published with confirmations in a relay's batches, then read from the beginning. The
/// reference is the same broker used with nothing but C calls: messages of the same size with as many attributes, made
/// once, to as many streams, and nothing that comes back is looked at.
enum BrokerBenchmark {
    static let topic = Topic("bench")
    static let batch = 1000
    static let batches = 100
    static let body = Array(repeating: UInt8(ascii: "x"), count: 200)

    static func run() throws -> [Figure] {
        let folder = try TemporaryFolder()
        let addresses = try Script.run("rabbitmq.sh", ["start", folder.path])
        defer { _ = try? Script.run("rabbitmq.sh", ["stop", folder.path]) }
        let settings = try RabbitMQSettings(addresses)
        let log = RabbitMQLog(settings, codes: .trial)
        defer { log.close() }
        let bare = try BareBroker(settings.addresses[0])
        _ = try log.tail(of: topic, partition: 0)

        // In turn, so that changes in the machine's speed affect both.
        var (ours, raw): ([Double], [Double]) = ([], [])
        for turn in 0..<batches {
            let envelopes = events(turn)
            ours.append(try seconds { try log.publish(envelopes, to: topic) })
            raw.append(try seconds { try bare.publish(batch, body) })
        }
        let read = try seconds {
            let start = Dictionary(uniqueKeysWithValues: (0..<Topic.partitions).map { ($0, Int64(0)) })
            let reader = try log.reader(of: topic, after: start)
            var count = 0
            while count < batch * batches { count += try reader.next(limit: Subscription.batch, waiting: 1).count }
        }
        let rawRead = try seconds { try bare.consume(batch * batches) }
        let (total, size) = (Double(batch * batches), Double(batch))
        return [
            .rate(
                "events published to RabbitMQ, confirmed, batches of 1,000", size / median(ours), unit: "/s",
                reference: size / median(raw), atLeast: 0.5),
            .rate(
                "events read from RabbitMQ", total / read, unit: "/s", reference: total / rawRead, atLeast: 0.5),
        ]
    }

    private static func events(_ turn: Int) -> [Envelope] {
        (0..<batch).map { index in
            let number = turn * batch + index
            return Envelope(
                id: ID(high: 0x7000, low: UInt64(number)), topic: topic.name, name: "measured", version: 1,
                key: ID(high: 0x7000, low: UInt64(number % Topic.partitions)), time: Instant(milliseconds: 1),
                trace: "0190a7d2-9a6f-7000", data: body, partition: number % Topic.partitions,
                number: Int64(number / Topic.partitions + 1)
            ).coded
        }
    }
}

/// A broker used through librabbitmq and nothing else.
final class BareBroker {
    private let handle: popug_connection
    private var last: UInt64 = 0

    init(_ address: RabbitMQSettings.Address) throws {
        guard let made = amqp_new_connection(), let socket = amqp_tcp_socket_new(made),
            amqp_socket_open(socket, address.host, Int32(address.port)) == AMQP_STATUS_OK.rawValue
        else { throw RawError(message: "cannot connect") }
        handle = made
        try expect(popug_login(handle, address.vhost, 0, "bare", address.user, address.password))
        for channel in [1, 2] as [amqp_channel_t] {
            amqp_channel_open(handle, channel)
            try expect(amqp_get_rpc_reply(handle))
        }
        for partition in 0..<Topic.partitions {
            try expect(popug_declare_stream(handle, 1, amqp_cstring_bytes(name(partition)), 0, nil, 0, 0))
        }
        amqp_confirm_select(handle, 1)
        amqp_basic_qos(handle, 2, 0, 500, 0)
    }

    deinit {
        amqp_destroy_connection(handle)
    }

    private func name(_ partition: Int) -> UnsafePointer<CChar> { names[partition] }
    // Kept for as long as the program runs.
    private let attributes = UnsafePointer(strdup("0190a7d2-9a6f-7000-8000-000000000001")!)
    private let names = (0..<Topic.partitions).map { UnsafePointer(strdup("bare.\($0)")!) }

    private func expect(_ reply: amqp_rpc_reply_t) throws {
        guard reply.reply_type == AMQP_RESPONSE_NORMAL else { throw RawError(message: "the broker refused") }
    }

    func publish(_ count: Int, _ body: [UInt8]) throws {
        try body.withUnsafeBytes { bytes in
            let body = amqp_bytes_t(len: bytes.count, bytes: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            var message = popug_message()
            message.id = amqp_cstring_bytes(attributes)
            message.key = message.id
            message.type = amqp_bytes_t(len: 10, bytes: message.id.bytes)
            message.trace = amqp_bytes_t(len: 18, bytes: message.id.bytes)
            (message.number, message.time, message.body) = (1, 1, body)
            for index in 0..<count {
                let queue = amqp_cstring_bytes(name(index % Topic.partitions))
                guard popug_publish(handle, 1, queue, &message) == 0 else { throw RawError(message: "cannot publish") }
            }
        }
        try awaitConfirmations(count)
    }

    private func awaitConfirmations(_ count: Int) throws {
        var isOpen = [Bool](repeating: true, count: count)
        var (start, left) = (0, count)
        func settle(_ index: Int) {
            if isOpen[index] { left -= 1 }
            isOpen[index] = false
        }
        while left > 0 {
            var frame = amqp_frame_t()
            guard amqp_simple_wait_frame(handle, &frame) == 0,
                popug_method(frame.payload.method.id) == popug_basic_ack
            else { throw RawError(message: "no confirmation") }
            let told = frame.payload.method.decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            let index = Int(told.delivery_tag - last) - 1
            if told.multiple == 0 {
                settle(index)
            } else {
                while start <= index {
                    settle(start)
                    start += 1
                }
            }
            amqp_maybe_release_buffers(handle)
        }
        last += UInt64(count)
    }

    func consume(_ count: Int) throws {
        for partition in 0..<Topic.partitions {
            let queue = amqp_cstring_bytes(name(partition))
            guard popug_consume(handle, 2, queue, queue, "first", 0) == 0 else { throw RawError(message: "no stream") }
        }
        for number in 1...count {
            var envelope = amqp_envelope_t()
            try expect(amqp_consume_message(handle, &envelope, nil, 0))
            if number % 100 == 0 { amqp_basic_ack(handle, 2, envelope.delivery_tag, 1) }
            amqp_destroy_envelope(&envelope)
            amqp_maybe_release_buffers(handle)
        }
    }
}
