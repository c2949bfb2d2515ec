import Foundation
import Logging
import Messaging
import Storage
import Synchronization

/// The event log of the distributed shape: on a RabbitMQ broker, a stream for each partition of a topic, kept on all
/// nodes of a cluster. Publications are durable when a majority of its nodes has them; a node writes them to disk a
/// moment later, so that all nodes losing power at once may cost the last ones. The relays put that right from their
/// journals, as they do for a broker that has lost everything.
///
/// Connections: one for each topic that is published or asked for its tail here, and one for each reader, made when they
/// are first needed and used by one thread at a time. A process that runs one service has one for its own topic and, for
/// each topic that it listens to, one for each group of partitions that it owns and one for its figures; a process that
/// runs all services has about sixty. A reader follows any number of partitions on its one connection.
///
/// What happens to the broker is thrown as `StorageError.unavailable`: it cannot be reached, takes no messages because
/// it is short of memory or disk, goes away in the middle, has streams that are not ready yet. The next call connects
/// again, to the next address; callers pause between calls, as relays and subscriptions do. A publication that threw may
/// have arrived. After a connection was lost, the first publication throws in any case, so that its caller looks at the
/// tails before it goes on: the broker may have come back empty.
///
/// A tail is found by asking: a message without a number is put behind all others, and what is read up to it is all
/// there is. Other readers of the streams pass over messages whose type is `tail`. That is done once a connection; as
/// long as it lives nothing is forgotten, and the tail is what was published here and, at most ten seconds old, what
/// others have published.
package final class RabbitMQLog: EventLog {
    private struct State {
        var publishers: [Topic: Publisher] = [:]
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

    /// Connects to nothing yet.
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

    /// Ends what waits, then each connection after what it is doing. Later calls throw `StorageError.closed`.
    package func close() {
        let (publishers, readers) = state.withLock { state in
            state.isClosed = true
            return (Array(state.publishers.values), state.readers.compactMap(\.reader))
        }
        broker.close()
        for reader in readers { reader.close() }
        for publisher in publishers { publisher.close() }
    }

    /// Deletes the streams of a topic, for a topic that is given up and for tests. A topic that is still published gets
    /// new ones, and its relay fills them.
    package func delete(_ topic: Topic) throws {
        try publisher(of: topic).deleteStreams()
    }

    private func publisher(of topic: Topic) throws -> Publisher {
        try state.withLock { state in
            guard !state.isClosed else { throw StorageError.closed }
            if let publisher = state.publishers[topic] { return publisher }
            let publisher = Publisher(topic: topic, broker: broker)
            state.publishers[topic] = publisher
            return publisher
        }
    }
}
