import Contracts
import Messaging
import ServiceKit
import Storage
import Synchronization
import Values

/// Does a rebuild's work in slices. Each is one transaction that reads the stored state, so a crash at any point, or a
/// second process that does the same work, does no harm. See ``Rebuild``.
final class RebuildJob: Sendable {
    private let log: any EventLog
    private let slice: Int
    private let missing: MissingEvents
    /// A reader of the log that continues where the last slice ended. It is only a shortcut, and is made anew if in
    /// doubt.
    private let reading = Mutex<Reading?>(nil)

    private struct Reading: Sendable {
        let generation: Int
        let positions: [RebuildPosition]
        let reader: any EventReader
    }

    /// Since when, by the monotonic clock, no next event has come, or when the publisher was last asked for it.
    private let standing = Mutex<(at: [RebuildPosition], since: Int64)?>(nil)

    init(log: any EventLog, slice: Int, missing: @escaping MissingEvents) {
        self.log = log
        self.slice = slice
        self.missing = missing
    }

    var job: Job {
        Job("rebuild", wakes: .commits(orEvery: 1)) { [self] in try step(in: $0, $1) }
    }

    private func step(in database: any Database, _ environment: Environment) throws -> Job.Progress {
        let (rebuild, positions) = try database.read { transaction in
            let rebuild = try Rebuild.open(in: transaction)
            let positions = try rebuild.map { try RebuildPosition.all(of: $0.generation, in: transaction) }
            return (rebuild, positions ?? [])
        }
        guard let rebuild, rebuild.state != .stopped else {
            reading.withLock { $0 = nil }
            return .idle
        }
        if rebuild.isOver {
            try database.write { try Sweep.step(after: rebuild, in: $0) }
            return .more
        }
        guard positions.allSatisfy(\.isReached) else { return try copy(rebuild, positions, in: database, environment) }
        reading.withLock { $0 = nil }
        try finish(rebuild, in: database, now: environment.now())
        return .more
    }

    /// Reads the next slice of the log and adds it.
    private func copy(
        _ rebuild: Rebuild, _ positions: [RebuildPosition], in database: any Database, _ environment: Environment
    ) throws -> Job.Progress {
        let reader = try reader(of: rebuild, at: positions)
        let slice = LogSlice(try reader.next(limit: slice, waiting: 0), after: positions)
        guard !slice.envelopes.isEmpty else {
            // The log lacks the next event, or is being filled again. This reader has noticed it, and looks for the
            // event at the end of the log; a new reader would begin from the start each time.
            for position in positions where !position.isReached {
                try reader.seek(partition: position.partition, after: position.number)
            }
            reading.withLock { $0 = Reading(generation: rebuild.generation, positions: positions, reader: reader) }
            askForMissing(positions, uptime: environment.uptime())
            return .idle
        }
        let facts = slice.facts()
        let written = try database.write { transaction in
            _ = try Generation.locked(in: transaction)
            guard let now = try Rebuild.of(rebuild.generation, in: transaction), now.state == .running,
                try RebuildPosition.all(of: rebuild.generation, in: transaction) == positions
            else { return false }
            try Figures.add(try facts.known(in: transaction), to: rebuild.generation, in: transaction)
            try slice.move(rebuild.generation, in: transaction)
            return true
        }
        reading.withLock {
            $0 = written ? Reading(generation: rebuild.generation, positions: slice.positions, reader: reader) : nil
        }
        return .more
    }

    /// Asks the publisher to fill what the log has lacked for a long time. Subscriptions ask as well, but a
    /// subscription that read an event before it was lost has no reason to ask.
    private func askForMissing(_ positions: [RebuildPosition], uptime: Int64) {
        let isTime = standing.withLock { standing in
            guard let since = standing, since.at == positions else {
                standing = (positions, uptime)
                return false
            }
            guard uptime - since.since >= Subscription.alarmAfter else { return false }
            standing = (positions, uptime)
            return true
        }
        guard isTime else { return }
        for position in positions where !position.isReached {
            missing(.accounting, position.partition, position.number)
        }
    }

    private func reader(of rebuild: Rebuild, at positions: [RebuildPosition]) throws -> any EventReader {
        let kept = reading.withLock { reading in
            defer { reading = nil }
            return reading
        }
        if let kept, kept.generation == rebuild.generation, kept.positions == positions { return kept.reader }
        let ahead = positions.filter { !$0.isReached }.map { ($0.partition, $0.number) }
        return try log.reader(of: .accounting, after: Dictionary(ahead, uniquingKeysWith: { $1 }))
    }

    /// Sums up the old and the new figures in one snapshot, in which both hold the same events. Then the new ones
    /// replace the old ones.
    private func finish(_ rebuild: Rebuild, in database: any Database, now: Instant) throws {
        let (before, after) = try database.read { transaction in
            let current = try Generation.shown(in: transaction)
            return (
                try Digest.of(current, in: transaction), try Digest.of(rebuild.generation, in: transaction)
            )
        }
        try database.write { transaction in
            let generation = try Generation.locked(in: transaction)
            guard generation.building == rebuild.generation,
                try Rebuild.of(rebuild.generation, in: transaction)?.state == .running
            else { return }
            try transaction.send(
                "UPDATE generation SET current = \(rebuild.generation), building = NULL WHERE one = 1")
            try transaction.send(
                """
                UPDATE rebuild SET state = \(Rebuild.State.done), ended_at = \(now), digest_before = \(before),
                digest_after = \(after) WHERE generation = \(rebuild.generation)
                """)
            try transaction.send("DELETE FROM rebuild_position WHERE generation = \(rebuild.generation)")
        }
    }
}

/// The result of one read of the log: the next events of each partition, up to where the rebuild reads.
private struct LogSlice: Sendable {
    let envelopes: [Envelope]
    let positions: [RebuildPosition]

    init(_ read: [Envelope], after positions: [RebuildPosition]) {
        var places = Dictionary(positions.map { ($0.partition, $0) }, uniquingKeysWith: { $1 })
        var taken: [Envelope] = []
        taken.reserveCapacity(read.count)
        for envelope in read {
            guard let place = places[envelope.partition], !place.isReached, envelope.number == place.number + 1 else {
                continue
            }
            places[envelope.partition]?.number = envelope.number
            taken.append(envelope)
        }
        envelopes = taken
        self.positions = positions.map { places[$0.partition] ?? $0 }
    }

    func facts() -> LogFacts {
        LogFacts(
            facts: envelopes.filter { Fact.events.contains($0.type) }.map { envelope in
                (envelope, Result { try Fact(envelope) })
            })
    }

    func move(_ generation: Int, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO rebuild_position (generation, partition, number, last) VALUES (?, ?, ?, ?)
            ON CONFLICT (generation, partition) DO UPDATE SET number = excluded.number
            """,
            rows: positions.map { [generation.stored, $0.partition.stored, .integer($0.number), .integer($0.last)] })
        try transaction.send(
            "UPDATE rebuild SET reached = reached + \(envelopes.count) WHERE generation = \(generation)")
    }
}

/// The facts of a slice of the log, read before the transaction that adds them.
private struct LogFacts: Sendable {
    let facts: [(envelope: Envelope, fact: Result<Fact, any Error>)]

    /// The facts without those that are parked or were discarded, because the figures do not hold them either. When a
    /// parked event is applied later, it is added to both generations.
    func known(in transaction: any Transaction) throws -> [Fact] {
        let aside = try numbersAside(in: transaction)
        return try facts.filter { aside[$0.envelope.partition]?.contains($0.envelope.number) != true }.map {
            try $0.fact.get()
        }
    }

    private func numbersAside(in transaction: any Transaction) throws -> [Int: Set<Int64>] {
        let topic = Topic.accounting.name
        guard try transaction.fetchOne("SELECT 1 FROM parked WHERE topic = \(topic) LIMIT 1") != nil else { return [:] }
        var aside: [Int: Set<Int64>] = [:]
        let partitions = Dictionary(grouping: facts, by: \.envelope.partition).sorted { $0.key < $1.key }
        for (partition, own) in partitions {
            let numbers = own.map(\.envelope.number)
            let rows = try transaction.fetch(
                """
                SELECT number FROM parked WHERE topic = \(topic) AND partition = \(partition)
                AND number >= \(numbers.min() ?? 0) AND number <= \(numbers.max() ?? 0)
                """)
            aside[partition] = Set(try rows.map { try $0(0) })
        }
        return aside
    }
}
