import Messaging
import Storage
import Values

/// What the event log of a run holds, and what goes wrong with it. It keeps what ``EventLog`` promises, and no more.
// Unchecked: a run uses one thread (see ``World``).
final class SimulatedLog: @unchecked Sendable {
    private var topics: [Topic: [[Envelope]]] = [:] {
        didSet { changes += 1 }
    }
    /// How often anything about it has changed.
    private(set) var changes = 0
    let codes: EventCodes
    fileprivate unowned let world: World
    /// How often it has forgotten something while clients were connected.
    fileprivate private(set) var losses = 0

    init(world: World, codes: EventCodes) {
        self.world = world
        self.codes = codes
    }

    /// Everything that it holds, so that it can be restored later.
    var contents: [Topic: [[Envelope]]] {
        get { topics }
        set { topics = newValue }
    }

    func count(of topic: Topic) -> Int {
        (topics[topic] ?? []).reduce(0) { $0 + $1.count }
    }

    /// Loses everything, or the end of it, and every connection as well.
    func forget(_ dice: inout Dice) {
        losses += 1
        changes += 1
        guard dice.chance(0.6) else {
            topics = [:]
            return world.marks.reach("branch: the log forgot everything")
        }
        for topic in topics.keys.sorted(by: { $0.name < $1.name }) {
            for partition in 0..<Topic.partitions {
                let held = topics[topic]?[partition].count ?? 0
                topics[topic]?[partition].removeLast(min(held, dice.below(6)))
            }
        }
        world.marks.reach("branch: the log forgot its end")
    }

    fileprivate func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        try world.reachLog("publish", topic)
        if world.strikes(.crashBeforePublish) { throw world.crash() }
        if world.strikes(.lostPublish) {
            // Any of them may have been stored, and nothing was confirmed.
            store(envelopes.filter { _ in world.faults.chance(0.5) }, in: topic)
            throw StorageError.unavailable("the log went away in the middle of a publication")
        }
        store(envelopes, in: topic)
        try world.pass("log | published \(topic)")
        if world.strikes(.crashAfterPublish) { throw world.crash() }
        if world.strikes(.lostConfirm) { throw StorageError.unavailable("the log's confirm was lost") }
    }

    private func store(_ envelopes: [Envelope], in topic: Topic) {
        var partitions = topics.removeValue(forKey: topic) ?? Array(repeating: [], count: Topic.partitions)
        for envelope in envelopes { partitions[envelope.partition].append(envelope) }
        topics[topic] = partitions
    }

    fileprivate func tail(of topic: Topic, partition: Int) throws -> Int64 {
        try world.reachLog("tail", topic)
        return topics[topic]?[partition].lazy.filter(codes.isRight).map(\.number).max() ?? 0
    }

    fileprivate func reader(of topic: Topic, after numbers: [Int: Int64], life: Life) throws -> any EventReader {
        try world.reachLog("reader", topic)
        return Reader(log: self, topic: topic, numbers: numbers, life: life)
    }

    /// Reads each partition in the order of arrival; if faults strike, delivers twice, late or in another order.
    // Unchecked: for the same reason as the log.
    private final class Reader: EventReader, @unchecked Sendable {
        private let log: SimulatedLog
        private let topic: Topic
        private var numbers: [Int]
        private var after: [Int: Int64]
        /// The index into a partition's messages; all messages before it are handed over or skipped.
        private var places: [Int: Int] = [:]
        private let life: Life
        private let losses: Int

        init(log: SimulatedLog, topic: Topic, numbers: [Int: Int64], life: Life) {
            self.log = log
            losses = log.losses
            self.topic = topic
            self.numbers = numbers.keys.sorted()
            after = numbers
            self.life = life
        }

        func next(limit: Int, waiting seconds: Double) throws -> [Envelope] {
            guard !life.isOver else { throw Crash() }
            let world = log.world
            try world.reachLog("next", topic)
            guard losses == log.losses else {
                world.strike()
                throw StorageError.unavailable("the connection to the log was lost")
            }
            if world.strikes(.crashAtRead) { throw world.crash() }
            var found: [Envelope] = []
            var order = numbers
            for index in order.indices.dropFirst() { order.swapAt(index, world.faults.below(index + 1)) }
            for partition in order where found.count < limit {
                if world.strikes(.delay) { continue }
                found += take(partition, limit - found.count, world)
            }
            for envelope in found { world.note("  event", [.blob(envelope.id.bytes), .integer(envelope.number)]) }
            return found
        }

        private func take(_ partition: Int, _ limit: Int, _ world: World) -> [Envelope] {
            let held = log.topics[topic]?[partition] ?? []
            var place = places[partition] ?? 0
            if place > 0, world.strikes(.duplicate) { place = world.faults.below(place) }
            var found: [Envelope] = []
            let first = after[partition] ?? 0
            while place < held.count, found.count < limit {
                if held[place].number > first, log.codes.isRight(held[place]) { found.append(held[place]) }
                place += 1
            }
            places[partition] = max(place, places[partition] ?? 0)
            // One is missing before others: the reader must notice, and go back.
            if found.count > 1, world.strikes(.gap) { found.remove(at: world.faults.below(found.count - 1)) }
            return found
        }

        func seek(partition: Int, after number: Int64) throws {
            guard !life.isOver else { throw Crash() }
            log.world.note("to \(partition) \(number)")
            try log.world.reachLog("seek", topic)
            guard after[partition] != nil else { return }
            after[partition] = number
            places[partition] = 0
            log.world.marks.reach("branch: a reader went back")
        }

        func wake() {}
    }
}

/// The log as one process sees it: through connections, which are lost when the log forgets something.
// Unchecked: a run uses one thread (see ``World``).
final class LogConnection: EventLog, @unchecked Sendable {
    private let log: SimulatedLog
    var codes: EventCodes { log.codes }
    private let life: Life
    private let since: Int
    /// How many losses the publisher of each topic knows about.
    private var known: [Topic: Int] = [:]

    init(_ log: SimulatedLog, life: Life) {
        self.log = log
        self.life = life
        since = log.losses
    }

    func mayHaveForgotten(_ topic: Topic) -> Bool {
        defer { known[topic] = log.losses }
        return known[topic, default: since] != log.losses
    }

    func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        // So that its caller checks the tails before it goes on.
        if mayHaveForgotten(topic) {
            log.world.strike()
            throw StorageError.unavailable("the connection to the log was lost")
        }
        try log.publish(envelopes, to: topic)
    }

    func tail(of topic: Topic, partition: Int) throws -> Int64 { try log.tail(of: topic, partition: partition) }

    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        try log.reader(of: topic, after: numbers, life: life)
    }
}
