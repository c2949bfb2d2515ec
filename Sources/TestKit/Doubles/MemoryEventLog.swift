import Messaging
import Storage
import Synchronization

/// An event log in memory whose every step is decided by the caller: no threads, no clock. It keeps what is published
/// in the order of arrival, including duplicates.
package final class MemoryEventLog: EventLog {
    /// Where a test may throw: before anything happens, or afterwards, so that the caller doesn't learn that it
    /// happened.
    package enum Moment: Sendable, Equatable {
        case beforePublish
        case afterPublish
        case tail
        case open
        case read
    }

    package typealias Hook = @Sendable (Moment) throws -> Void

    private struct State {
        var topics: [Topic: [Envelope]] = [:]
        var hook: Hook?
    }

    package let codes: EventCodes
    private let state = Mutex(State())
    private let moved = Signal()

    package init(codes: EventCodes = .trial, hook: Hook? = nil) {
        self.codes = codes
        state.withLock { $0.hook = hook }
    }

    package func setHook(_ hook: Hook?) {
        state.withLock { $0.hook = hook }
    }

    /// Forgets everything, or what a test says, like a broker that has lost its disk.
    package func lose(_ isLost: (Envelope) -> Bool = { _ in true }) {
        state.withLock { state in
            for topic in state.topics.keys { state.topics[topic]?.removeAll(where: isLost) }
        }
    }

    /// Everything that it holds of a topic, in the order of arrival.
    package func contents(of topic: Topic) -> [Envelope] {
        state.withLock { $0.topics[topic] ?? [] }
    }

    package func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        try reach(.beforePublish)
        state.withLock { $0.topics[topic, default: []] += envelopes }
        moved.note()
        try reach(.afterPublish)
    }

    package func tail(of topic: Topic, partition: Int) throws -> Int64 {
        try reach(.tail)
        return state.withLock { state in
            (state.topics[topic] ?? []).reduce(0) { tail, envelope in
                guard envelope.partition == partition, envelope.number > tail, codes.isRight(envelope) else {
                    return tail
                }
                return envelope.number
            }
        }
    }

    package func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        try reach(.open)
        return Reader(log: self, topic: topic, after: numbers)
    }

    fileprivate func reach(_ moment: Moment) throws {
        try state.withLock { $0.hook }?(moment)
    }

    private final class Reader: EventReader {
        private struct Place {
            var numbers: [Int: Int64]
            /// The last number handed over in each partition, with none missing before it.
            var handed: [Int: Int64]
            /// The index into the topic, for each partition: everything before it is handed over or skipped.
            var indexes: [Int: Int] = [:]
            var woken = false
        }

        private let log: MemoryEventLog
        private let topic: Topic
        private let place: Mutex<Place>

        init(log: MemoryEventLog, topic: Topic, after numbers: [Int: Int64]) {
            self.log = log
            self.topic = topic
            place = Mutex(Place(numbers: numbers, handed: numbers))
        }

        func next(limit: Int, waiting seconds: Double) throws -> [Envelope] {
            try log.reach(.read)
            let seen = log.moved.count
            let found = take(limit)
            guard found.isEmpty, seconds > 0, !isWoken() else { return found }
            log.moved.wait(past: seen, atMost: seconds)
            _ = isWoken()
            return take(limit)
        }

        func seek(partition: Int, after number: Int64) throws {
            try log.reach(.read)
            place.withLock { place in
                guard place.numbers[partition] != nil else { return }
                place.numbers[partition] = number
                place.handed[partition] = number
                place.indexes[partition] = 0
            }
        }

        func wake() {
            place.withLock { $0.woken = true }
            log.moved.note()
        }

        private func isWoken() -> Bool {
            place.withLock { place in
                defer { place.woken = false }
                return place.woken
            }
        }

        /// Goes through the topic from the first place that is not read yet. Of the messages after a hole only the
        /// first is handed over, so that the message that fills the hole is found after all others.
        private func take(_ limit: Int) -> [Envelope] {
            let contents = log.contents(of: topic)
            return place.withLock { place in
                var found: [Envelope] = []
                var torn: Set<Int> = []
                let start = place.numbers.keys.map { place.indexes[$0] ?? 0 }.min() ?? contents.count
                // A loss has moved everything: all partitions are then read again.
                if start > contents.count { place.indexes = [:] }
                for index in min(start, contents.count)..<contents.count {
                    let envelope = contents[index]
                    let partition = envelope.partition
                    guard let number = place.numbers[partition], index >= place.indexes[partition] ?? 0 else {
                        continue
                    }
                    guard found.count < limit else { break }
                    place.indexes[partition] = index + 1
                    guard envelope.number > number else { continue }
                    guard log.codes.accepts(envelope) else { continue }
                    if envelope.number > place.handed[partition, default: 0] + 1 {
                        if torn.insert(partition).inserted { found.append(envelope) }
                    } else {
                        place.handed[partition] = max(place.handed[partition, default: 0], envelope.number)
                        found.append(envelope)
                    }
                }
                if found.count < limit {
                    for partition in place.numbers.keys { place.indexes[partition] = contents.count }
                }
                return found
            }
        }
    }
}
