import CRabbitMQ
import Foundation
import Storage

// A stream for each partition, and the channels on which they are declared and read.
extension BrokerConnection {
    /// For publishing with confirmations, or for reading.
    static let work: amqp_channel_t = 1
    /// For requests on the side.
    static let aside: amqp_channel_t = 2

    /// How many messages of a stream may be on their way unacknowledged.
    static let prefetch: UInt16 = 500

    /// The smallest unit that retention drops, if there is retention.
    private static let segment: Int64 = 64 << 20

    /// Declares the streams of all partitions: makes those that are missing.
    func declareStreams() throws {
        let settings = broker.settings
        let age = settings.retainedSeconds.map { "\($0)s" }
        let isBounded = settings.retainedBytes != nil || age != nil
        let segment = min(Self.segment, max(1 << 20, (settings.retainedBytes ?? .max) / 4))
        try openChannel(Self.aside)
        for queue in queues {
            let reply = popug_declare_stream(
                handle, Self.aside, queue.bytes, settings.retainedBytes ?? 0, age, isBounded ? segment : 0,
                Int64(settings.replicas ?? 0))
            if let refusal = refusal(reply), refusal.isOfChannel, refusal.code == AMQP_PRECONDITION_FAILED {
                // The stream exists, declared with another retention or number of replicas. It stays as it is.
                guard !refusal.text.contains("x-queue-type") else {
                    throw StorageError.failed("a queue that is no stream stands in the way: \(refusal.text)")
                }
                try expect(popug_accept_close(handle, Self.aside))
                try openChannel(Self.aside)
            } else {
                try expect(reply)
            }
            release()
        }
        try closeChannel(Self.aside)
    }

    func deleteStreams() throws {
        try openChannel(Self.aside)
        for queue in queues {
            amqp_queue_delete(handle, Self.aside, queue.bytes, 0, 0)
            try expect(amqp_get_rpc_reply(handle))
        }
        try closeChannel(Self.aside)
    }

    func openChannel(_ channel: amqp_channel_t) throws {
        amqp_channel_open(handle, channel)
        try expect(amqp_get_rpc_reply(handle))
    }

    func closeChannel(_ channel: amqp_channel_t) throws {
        try expect(amqp_channel_close(handle, channel, AMQP_REPLY_SUCCESS))
        release()
    }

    /// Opens a channel on which streams can be read.
    func openForReading(_ channel: amqp_channel_t) throws {
        try openChannel(channel)
        amqp_basic_qos(handle, channel, 0, Self.prefetch, 0)
        try expect(amqp_get_rpc_reply(handle))
    }

    /// Starts reading a partition. `generation` tells its messages from those of an earlier consumer that are still on
    /// their way.
    func consume(_ partition: Int, generation: Int, from place: StreamStart, on channel: amqp_channel_t) throws {
        let queue = queues[partition].bytes
        try CText("\(partition).\(generation)").use { tag in
            switch place {
            case .first: try expect(popug_consume(handle, channel, queue, tag, "first", 0))
            case .last: try expect(popug_consume(handle, channel, queue, tag, "last", 0))
            case .offset(let offset): try expect(popug_consume(handle, channel, queue, tag, nil, offset))
            }
        }
    }

    /// Ends what ``consume(_:generation:from:on:)`` started. Some messages may still be on their way.
    func cancel(_ partition: Int, generation: Int, on channel: amqp_channel_t) throws {
        try CText("\(partition).\(generation)").use { try expect(popug_cancel(handle, channel, $0)) }
    }

    /// Acknowledges all messages up to this delivery, so that the broker sends as many more.
    func acknowledge(_ tag: UInt64, on channel: amqp_channel_t) throws {
        try expect(amqp_basic_ack(handle, channel, tag, 1))
    }
}
