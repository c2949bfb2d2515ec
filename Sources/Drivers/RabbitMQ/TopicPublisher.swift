import CRabbitMQ
import Foundation
import Messaging
import Storage
import Synchronization

/// Publishes one topic and asks for its tails, on a connection of its own. Callers take turns.
final class TopicPublisher: Sendable {
    private struct State {
        var connection: BrokerConnection?
        /// The delivery tag of the last message that was published on this connection.
        var last: UInt64 = 0
        /// A connection was lost, and the publishing caller has not been told.
        var isDoubtful = false
        /// The tails, once they were asked for on this connection. They are never past the end, whatever others do
        /// meanwhile.
        var tails: [Int: Int64]?
        var foundAt = ContinuousClock.now

        mutating func note(_ published: [Envelope]) {
            guard var known = tails else { return }
            for envelope in published {
                known[envelope.partition] = max(known[envelope.partition] ?? 0, envelope.number)
            }
            tails = known
            foundAt = .now
        }
    }

    private let topic: Topic
    private let broker: Broker
    private let alarm = Alarm()
    private let state = Mutex(State())

    init(topic: Topic, broker: Broker) {
        self.topic = topic
        self.broker = broker
    }

    func publish(_ envelopes: [Envelope]) throws {
        try state.withLock { state in
            guard !state.isDoubtful else {
                state.isDoubtful = false
                throw StorageError.unavailable("the connection to the RabbitMQ broker was lost a moment ago")
            }
            do {
                let last = state.last
                state.last = try use(&state) { connection, isNew in
                    try connection.publish(envelopes, after: isNew ? 0 : last)
                }
                state.note(envelopes)
            } catch {
                // The caller knows, and checks the tails.
                state.isDoubtful = false
                throw error
            }
        }
    }

    func tail(_ partition: Int) throws -> Int64 {
        try state.withLock { state in
            let isFresh = state.foundAt.duration(to: .now) < .seconds(10)
            let known = state.tails
            let tails = try use(&state) { connection, isNew in
                // One look finds the tails of all partitions, and a caller that asks for one asks for the others right
                // after it.
                guard let known, !isNew else { return try connection.sending(connection.tails) }
                guard !isFresh else { return known }
                return known.merging(try connection.glimpses(), uniquingKeysWith: max)
            }
            if known == nil || !isFresh { state.foundAt = .now }
            state.tails = tails
            return tails[partition, default: 0]
        }
    }

    /// Whether a connection was lost since the publisher was last told, by this or by an error. A caller that only asks
    /// for tails, for figures, is not the publisher.
    func hasLostConnection() -> Bool {
        state.withLock { state in
            if state.connection != nil { try? use(&state) { _, _ in } }
            defer { state.isDoubtful = false }
            return state.isDoubtful
        }
    }

    func deleteStreams() throws {
        try state.withLock { state in
            try use(&state) { connection, _ in try connection.deleteStreams() }
            state.connection?.bye()
            state.connection = nil
            state.tails = nil
        }
    }

    func close() {
        alarm.ring()
        state.withLock { state in
            state.connection?.bye()
            state.connection = nil
        }
    }

    /// Runs `body` on the connection, which is made if there is none; drops the connection if it is lost.
    private func use<T>(_ state: inout State, _ body: (BrokerConnection, _ isNew: Bool) throws -> T) throws -> T {
        do {
            if let connection = state.connection {
                try connection.listen()
                return try body(connection, false)
            }
            let connection = try broker.connect(for: topic, alarm: alarm)
            try connection.openChannel(BrokerConnection.work)
            amqp_confirm_select(connection.handle, BrokerConnection.work)
            try connection.expect(amqp_get_rpc_reply(connection.handle))
            state.connection = connection
            state.last = 0
            state.tails = nil
            return try body(connection, true)
        } catch {
            if state.connection?.isLost == true {
                state.connection = nil
                state.tails = nil
                state.isDoubtful = true
            }
            throw error
        }
    }
}

extension BrokerConnection {
    /// Publishes in order and waits for all confirmations. Returns the last delivery tag.
    /// - Throws: `StorageError.unavailable`; the connection is then lost, unless nothing was sent.
    func publish(_ envelopes: [Envelope], after last: UInt64) throws -> UInt64 {
        try sending {
            var confirms = Confirms(after: last)
            do {
                for envelope in envelopes {
                    while confirms.bytes > Confirms.window { try settle(&confirms) }
                    confirms.sent(try send(envelope))
                }
                while confirms.open > 0 { try settle(&confirms) }
            } catch {
                // Otherwise confirmations that are still to come would be taken for those of the next publication.
                throw isLost ? error : lost("\(error)")
            }
            return confirms.last
        }
    }

    private func settle(_ confirms: inout Confirms) throws {
        let frame = try rest()
        defer { release() }
        guard frame.frame_type == UInt8(AMQP_FRAME_METHOD) else { throw lost("it spoke out of turn") }
        let method = frame.payload.method
        switch popug_method(method.id) {
        case popug_basic_ack:
            let told = method.decoded.assumingMemoryBound(to: amqp_basic_ack_t.self).pointee
            confirms.confirmed(told.delivery_tag, multiple: told.multiple != 0)
        case popug_basic_nack: throw lost("it refused a message")
        case popug_basic_return: throw lost("it has no stream \(topic)")
        default: throw lost("it answered what nobody asked")
        }
    }
}
