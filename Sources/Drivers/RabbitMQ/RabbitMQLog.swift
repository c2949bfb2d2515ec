import Foundation
import Logging
import Messaging
import Storage
import Synchronization

/// The event log of the distributed shape, on a RabbitMQ broker. Each partition of a topic is a stream, kept on all
/// nodes of a cluster. A publication is durable when a majority of the nodes has it. A node writes it to disk a moment
/// later, so if all nodes lose power at once, the last publications may be lost. The relays then publish them again
/// from their journals, as they do for a broker that has lost everything.
///
/// There is one connection for each topic that is published or asked for its tail here, and one for each reader. They
/// are made when first needed and used by one thread at a time. A process that runs one service has one connection for
/// its own topic and, for each topic that it listens to, one for each group of partitions that it owns and one for its
/// figures. A process that runs all services has about sixty. A reader follows any number of partitions on one
/// connection.
///
/// Trouble with the broker is thrown as `StorageError.unavailable`: the broker cannot be reached, takes no messages
/// because it is short of memory or disk, goes away in the middle, or has streams that are not ready yet. The next call
/// connects again, to the next address; callers pause between calls, as relays and subscriptions do. A publication that
/// threw may have arrived. After a connection was lost, the first publication always throws, so that its caller checks
/// the tails before it goes on: the broker may have come back empty.
///
/// To find a tail, the log appends a message without a number and reads up to it. Other readers of the streams skip
/// messages whose type is `tail`. This is done once for each connection. As long as the connection lives nothing is
/// forgotten, and the tail is the last number that was published here or by others; what others have published is known
/// with at most ten seconds' delay.
package final class RabbitMQLog: EventLog {
    private struct State {
        var publishers: [Topic: TopicPublisher] = [:]
        var readers: [Weak] = []
        var isClosed = false
    }

    private struct Weak {
        weak var reader: RabbitMQReader?
    }

    private let broker: Broker
    private let state = Mutex(State())

    package var settings: RabbitMQSettings { broker.settings }
    package var codes: EventCodes { broker.codes }

    /// Does not connect yet.
    package init(_ settings: RabbitMQSettings, codes: EventCodes, logger: Logger? = nil) {
        broker = Broker(settings, codes: codes, logger: logger ?? Logger(label: "rabbitmq"))
    }

    deinit {
        close()
    }

    package func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        try publisher(of: topic).publish(envelopes)
    }

    package func tail(of topic: Topic, partition: Int) throws -> Int64 {
        try publisher(of: topic).tail(partition)
    }

    package func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        let reader = RabbitMQReader(topic: topic, after: numbers, broker: broker)
        try state.withLock { state in
            guard !state.isClosed else { throw StorageError.closed }
            state.readers.removeAll { $0.reader == nil }
            state.readers.append(Weak(reader: reader))
        }
        try reader.open()
        return reader
    }

    package func mayHaveForgotten(_ topic: Topic) -> Bool {
        state.withLock { $0.publishers[topic] }?.hasLostConnection() ?? false
    }

    /// Ends all waits, then closes each connection once it has finished what it is doing. Later calls throw
    /// `StorageError.closed`.
    package func close() {
        let (publishers, readers) = state.withLock { state in
            state.isClosed = true
            return (Array(state.publishers.values), state.readers.compactMap(\.reader))
        }
        broker.close()
        for reader in readers { reader.close() }
        for publisher in publishers { publisher.close() }
    }

    /// Deletes the streams of a topic, for a topic that is no longer used and for tests. If the topic is still
    /// published, it gets new streams, and its relay fills them.
    package func delete(_ topic: Topic) throws {
        try publisher(of: topic).deleteStreams()
    }

    private func publisher(of topic: Topic) throws -> TopicPublisher {
        try state.withLock { state in
            guard !state.isClosed else { throw StorageError.closed }
            if let publisher = state.publishers[topic] { return publisher }
            let publisher = TopicPublisher(topic: topic, broker: broker)
            state.publishers[topic] = publisher
            return publisher
        }
    }
}
