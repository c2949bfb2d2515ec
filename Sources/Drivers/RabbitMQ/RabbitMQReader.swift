import Foundation
import Messaging
import Storage
import Synchronization

/// Reads the streams of a topic, all partitions on one connection. After a connection was lost the next call makes
/// another one, and continues after the last numbers.
final class RabbitMQReader: EventReader {
    private typealias Moment = ContinuousClock.Instant

    private struct Track {
        var cursor: PartitionCursor
        /// Tells the current consumer from earlier ones, whose messages may still be on their way.
        var generation = 0
        /// When the last message came, or the consumer was started.
        var heardAt = Moment.now
    }

    private struct State {
        var connection: BrokerConnection?
        var tracks: [Int: Track]
        var unacknowledged: (tag: UInt64, count: Int) = (0, 0)
        var losses = 0
        var probing = Probing()
    }

    /// The shortest wait, in seconds: messages that are there already may take this long to arrive.
    private static let moment = 0.1
    /// After this many seconds without a message, a place that was found by counting is given up.
    private static let silence = 1.0
    /// How many seconds one call reads at most, if none of the messages are new.
    private static let stretch = 1.0

    private let topic: Topic
    private let broker: Broker
    private let alarm = Alarm()
    private let state: Mutex<State>

    init(topic: Topic, after numbers: [Int: Int64], broker: Broker) {
        self.topic = topic
        self.broker = broker
        let named = numbers.filter { (0..<Topic.partitions).contains($0.key) }
        state = Mutex(State(tracks: named.mapValues { Track(cursor: PartitionCursor(after: $0)) }))
    }

    func open() throws {
        try state.withLock { state in _ = try connected(&state) }
    }

    func wake() {
        alarm.ring()
    }

    func close() {
        alarm.ring()
        state.withLock { state in
            state.connection?.bye()
            state.connection = nil
        }
    }

    func seek(partition: Int, after number: Int64) throws {
        try state.withLock { state in
            guard let place = state.tracks[partition]?.cursor.seek(after: number) else { return }
            try dropping(&state) { state in
                if let connection = state.connection { try begin(partition, at: place, &state, connection) }
            }
        }
    }

    func next(limit: Int, waiting seconds: Double) throws -> [Envelope] {
        try state.withLock { state in
            try dropping(&state) { state in
                let connection = try connected(&state)
                var found: [Envelope] = []
                try read(limit, max(seconds, Self.moment), &state, connection, &found)
                try acknowledge(&state, connection)
                announce(limit, &state, &found)
                return found
            }
        }
    }

    /// Runs `body`, and drops the connection if it fails.
    private func dropping<T>(_ state: inout State, _ body: (inout State) throws -> T) throws -> T {
        do {
            return try body(&state)
        } catch {
            state.connection = nil
            throw error
        }
    }

    private func connected(_ state: inout State) throws -> BrokerConnection {
        if let connection = state.connection { return connection }
        let connection = try broker.connect(for: topic, alarm: alarm)
        try connection.openForReading(BrokerConnection.work)
        state.unacknowledged = (0, 0)
        state.losses = broker.lossCount
        state.probing = Probing()
        for partition in state.tracks.keys.sorted() {
            state.tracks[partition]?.cursor.forget()
            guard let place = state.tracks[partition]?.cursor.place else { continue }
            try start(partition, at: place, &state, connection)
        }
        state.connection = connection
        return connection
    }

    // MARK: Reading

    private func read(
        _ limit: Int, _ seconds: Double, _ state: inout State, _ connection: BrokerConnection, _ found: inout [Envelope]
    ) throws {
        let start = Moment.now
        var count = 0
        while found.count < limit {
            if let delivery = try connection.delivery(waiting: 0) {
                try take(delivery, &state, connection, &found)
                connection.release()
                count += 1
                if count % 1000 == 0, start.duration(to: .now) > .seconds(Self.stretch) { return }
                continue
            }
            try acknowledge(&state, connection)
            let now = Moment.now
            try mind(&state, connection, now)
            let isDue = state.tracks.values.contains { $0.cursor.isDue }
            let patience = found.isEmpty ? (isDue ? Self.moment : wait(seconds, state, now)) : 0
            let left = patience - start.duration(to: now) / .seconds(1)
            guard left > 0, !connection.isRung(waiting: min(left, 0.25)) else { return }
        }
    }

    /// How many seconds to wait. Longer than asked for if a consumer has just started and has not had the time to
    /// deliver what is there.
    private func wait(_ seconds: Double, _ state: State, _ now: Moment) -> Double {
        let isNew = state.tracks.values.contains {
            !$0.cursor.isHeard && $0.heardAt.duration(to: now) < .seconds(Self.silence)
        }
        return isNew ? max(seconds, Self.silence / 2) : seconds
    }

    private func take(
        _ delivery: BrokerMessage, _ state: inout State, _ connection: BrokerConnection, _ found: inout [Envelope]
    ) throws {
        state.unacknowledged = (delivery.tag, state.unacknowledged.count + 1)
        if state.unacknowledged.count >= 100 { try acknowledge(&state, connection) }
        let partition = delivery.partition
        guard state.tracks[partition]?.generation == delivery.generation else { return }
        state.tracks[partition]?.heardAt = .now
        guard let envelope = connection.envelope(delivery) else {
            state.tracks[partition]?.cursor.pass(delivery.offset)
            return
        }
        switch state.tracks[partition]?.cursor.take(delivery.number, at: delivery.offset) {
        case .next: found.append(envelope)
        case .move(let place): try begin(partition, at: place, &state, connection)
        case .hole: state.tracks[partition]?.cursor.found(envelope)
        case .skip, nil: break
        }
    }

    private func acknowledge(_ state: inout State, _ connection: BrokerConnection) throws {
        guard state.unacknowledged.count > 0 else { return }
        try connection.acknowledge(state.unacknowledged.tag, on: BrokerConnection.work)
        state.unacknowledged.count = 0
    }

    /// Hands over the messages after holes, so that the caller notices the holes.
    private func announce(_ limit: Int, _ state: inout State, _ found: inout [Envelope]) {
        for (partition, track) in state.tracks where track.cursor.isDue && found.count < limit {
            guard let beyond = track.cursor.beyond else { continue }
            found.append(beyond)
            state.tracks[partition]?.cursor.isDue = false
        }
    }

    // MARK: Consumers

    /// Ends the consumer of a partition and starts another one.
    private func begin(
        _ partition: Int, at place: StreamStart, _ state: inout State, _ connection: BrokerConnection
    ) throws {
        guard let generation = state.tracks[partition]?.generation else { return }
        try connection.cancel(partition, generation: generation, on: BrokerConnection.work)
        state.tracks[partition]?.cursor.begin(at: place)
        try start(partition, at: place, &state, connection)
    }

    private func start(
        _ partition: Int, at place: StreamStart, _ state: inout State, _ connection: BrokerConnection
    ) throws {
        guard let generation = state.tracks[partition]?.generation else { return }
        state.tracks[partition]?.generation = generation + 1
        state.tracks[partition]?.heardAt = .now
        try connection.consume(partition, generation: generation + 1, from: place, on: BrokerConnection.work)
    }

    /// Checks consumers that deliver nothing.
    private func mind(_ state: inout State, _ connection: BrokerConnection, _ now: Moment) throws {
        for (partition, track) in state.tracks
        where track.cursor.isGuess && track.heardAt.duration(to: now) > .seconds(Self.silence) {
            // The stream is shorter than it was, so it was recreated.
            try begin(partition, at: .last, &state, connection)
        }
        let losses = broker.lossCount
        if losses != state.losses {
            state.losses = losses
            state.probing = Probing(isAlarmed: true)
        }
        guard state.probing.isDue(now, silent: state.tracks.values.map(\.heardAt).min() ?? now) else { return }
        try restart(&state, connection)
    }

    /// Starts all consumers again, where they are. A consumer whose stream got another leader may stay silent for good,
    /// although its connection lives: RabbitMQ (seen in 3.10) doesn't tell it about the stream's new process. Only a
    /// new channel asks for that.
    private func restart(_ state: inout State, _ connection: BrokerConnection) throws {
        try acknowledge(&state, connection)
        try connection.closeChannel(BrokerConnection.work)
        try connection.openForReading(BrokerConnection.work)
        state.unacknowledged = (0, 0)
        for (partition, track) in state.tracks.sorted(by: { $0.key < $1.key }) {
            let heardAt = track.heardAt
            try start(partition, at: track.cursor.continuation, &state, connection)
            if track.cursor.isGuess { state.tracks[partition]?.heardAt = heardAt }
        }
    }
}

/// When silent consumers are started again: every ten seconds, and a few times soon after any connection of this
/// process was lost, because the leaders of streams move then.
private struct Probing {
    private var pause = 10.0
    private var last = ContinuousClock.now

    init(isAlarmed: Bool = false) {
        if isAlarmed { pause = 1 }
    }

    mutating func isDue(_ now: ContinuousClock.Instant, silent since: ContinuousClock.Instant) -> Bool {
        guard last.duration(to: now) > .seconds(pause), since.duration(to: now) > .seconds(pause) else { return false }
        last = now
        pause = min(10, pause * 2)
        return true
    }
}
