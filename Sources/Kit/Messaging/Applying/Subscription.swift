import Storage
import Synchronization
import Values

/// One service's reading of one topic. It applies each event once, in the order of the partition's numbers, in the
/// transaction that also moves the checkpoint. Only the number decides: only the one after the last is applied,
/// duplicates and messages out of order are dropped, and at a gap the subscription waits until the log has the missing
/// event.
package final class Subscription: Sendable {
    /// The maximum number of events that a turn reads.
    package static let batch = 1000
    /// A gap that lasts longer than this, in milliseconds, becomes an alarm.
    package static let alarmAfter: Int64 = 10_000
    /// How long, in milliseconds, the checkpoint may stay behind events that have no reaction here.
    private static let passing: Int64 = 1000

    /// The tables, for the kit's first step.
    package static let schema = Checkpoint.schema + Parked.schema

    struct State: Sendable {
        var lease: Lease
        var reader: (any EventReader)?
        /// The last number applied or skipped, per partition.
        var numbers: [Int: Int64] = [:]
        /// The numbers in the checkpoint. They are behind `numbers` by events that have no reaction here. If a service
        /// reacts to few events, moving the checkpoint for each of the others would be most of its work.
        var kept: [Int: Int64] = [:]
        /// When the checkpoint last had the current numbers.
        var keptAt: Int64 = 0
        /// Since when a partition has been waiting for its next number.
        var gaps: [Int: Int64] = [:]
        /// When the missing event was last asked for.
        var askedAt: [Int: Int64] = [:]
    }

    package let topic: Topic
    let service: String
    let database: any Database
    let environment: Environment
    let reactions: [Reaction]
    let owner: Owner
    let log: any EventLog
    private let handlers: [String: [Int]]
    let onParked: @Sendable (Envelope, any Transaction) throws -> Void
    private let observed: @Sendable (Outcome) -> Void
    private let missing: @Sendable (Int, Int64) -> Void
    /// The partitions that it reads; all of them if the owner is alone.
    let partitions: Range<Int>
    private let peers: Peers?
    /// The index of this subscription in the work that ``peers`` share in turn.
    private let share: Int
    private let turn: Mutex<State>
    private let current = Mutex<(any EventReader)?>(nil)
    private let figures = Mutex(Figures())

    /// - Parameters:
    ///   - reactions: the service's reactions to this topic's events.
    ///   - onParked: runs in the transaction that parks an event, and again whenever a retry fails and the event stays
    ///     parked at the head of its key.
    ///   - missing: called for a gap that has become an alarm, every ten seconds while it lasts, to ask the publisher
    ///     to fill it again. Called on the stepping thread; must not wait for this subscription.
    ///   - observed: called for each committed transaction, on the stepping thread: for logs and figures.
    ///   - partitions: the partitions to read, all by default.
    ///   - peers: the processes that share the topic's partitions, if several do. A part that is not (or no longer)
    ///     this process's is given up.
    ///   - share: the index of this subscription in the work that is shared in turn.
    package init(
        service: String, topic: Topic, reactions: [Reaction], database: any Database, log: any EventLog,
        environment: Environment, owner: Owner, partitions: Range<Int> = 0..<Topic.partitions,
        peers: Peers? = nil, share: Int = 0,
        onParked: @escaping @Sendable (Envelope, any Transaction) throws -> Void = { _, _ in },
        observed: @escaping @Sendable (Outcome) -> Void = { _ in },
        missing: @escaping @Sendable (_ partition: Int, _ after: Int64) -> Void = { _, _ in }
    ) {
        self.service = service
        self.topic = topic
        self.reactions = reactions.filter { $0.topic == topic }
        self.database = database
        self.log = log
        self.environment = environment
        self.owner = owner
        self.onParked = onParked
        self.observed = observed
        self.missing = missing
        var handlers: [String: [Int]] = [:]
        for (index, reaction) in self.reactions.enumerated() {
            for type in reaction.events { handlers[type, default: []].append(index) }
        }
        self.handlers = handlers
        self.partitions = partitions
        self.peers = peers
        self.share = share
        turn = Mutex(State(lease: Lease(name: Subscription.name(of: topic, partitions), owner: owner)))
    }

    /// `topic tracker`, or `topic tracker 4-7` if it reads only a part.
    package static func name(of topic: Topic, _ partitions: Range<Int>) -> String {
        let all = partitions == 0..<Topic.partitions
        return "topic \(topic.name)" + (all ? "" : " \(partitions.lowerBound)-\(partitions.upperBound - 1)")
    }

    package var name: String { Subscription.name(of: topic, partitions) }

    /// Counts since the start, and current alarms.
    package struct Figures: Sendable {
        package var applied = 0
        package var ignored = 0
        package var parked = 0
        /// Gaps that have lasted for more than ten seconds.
        package var alarms: [String] = []
    }

    /// What one committed transaction did with events that have a reaction here.
    package struct Outcome: Sendable {
        package var applied: [Envelope] = []
        /// Parked, or queued behind a parked event.
        package var parked: [Envelope] = []
        /// Why the first of them was parked; `nil` if they are queued behind another.
        package var error: String?
        /// The duration of the transaction, including its wait for its turn.
        package var milliseconds: Int64 = 0
    }

    package var status: Figures { figures.withLock { $0 } }

    func note(_ change: @Sendable (inout Figures) -> Void) {
        figures.withLock { change(&$0) }
    }

    /// Makes a waiting ``step(waiting:)`` return, from another thread.
    package func wake() {
        current.withLock { $0 }?.wake()
    }

    /// Reads a batch, waiting up to `seconds` for it, and applies it. If the database or the log fails, nothing has
    /// changed; call again after a pause.
    package func step(waiting seconds: Double = 0) throws -> Turn {
        try turn.withLock { state in
            do {
                return try step(&state, waiting: seconds)
            } catch {
                forget(&state)
                throw error
            }
        }
    }

    /// Retries parked events that are due, one key per call.
    package func retryParked() throws -> Turn {
        try turn.withLock { state in
            do {
                guard state.reader != nil else { return .idle }
                return try retry()
            } catch {
                forget(&state)
                throw error
            }
        }
    }

    /// Gives up the lease, so that another process can continue at once.
    package func release() throws {
        try turn.withLock { state in
            if state.reader != nil { try? keep(&state) }
            forget(&state)
            try state.lease.release(in: database)
        }
    }

    private func forget(_ state: inout State) {
        state.reader = nil
        current.withLock { $0 = nil }
    }

    private func step(_ state: inout State, waiting seconds: Double) throws -> Turn {
        guard peers?.isMine(share) ?? true else {
            guard state.lease.isHeld else { return .blocked }
            forget(&state)
            try state.lease.release(in: database)
            return .blocked
        }
        guard let reader = try open(&state) else { return .blocked }
        let uptime = environment.uptime()
        if state.lease.isDue(uptime: uptime) { try state.lease.beat(in: database, uptime: uptime) }
        let envelopes = try reader.next(limit: Subscription.batch, waiting: seconds)
        let (next, torn) = inOrder(envelopes, after: state.numbers)
        let isHandled = next.contains { handlers[$0.type] != nil }
        if isHandled {
            try apply(next[...], &state)
        } else {
            for envelope in next { state.numbers[envelope.partition] = envelope.number }
        }
        try mind(torn, &state, reader)
        if !isHandled, state.numbers != state.kept, envelopes.isEmpty || uptime - state.keptAt >= Subscription.passing {
            try keep(&state)
            return .more
        }
        if !next.isEmpty { return .more }
        if !torn.isEmpty { return .blocked }
        // There were only duplicates; more events may follow.
        return envelopes.isEmpty ? .idle : .more
    }

    /// Moves the checkpoint past events that have no reaction here.
    private func keep(_ state: inout State) throws {
        guard state.numbers != state.kept else { return }
        try commit([], failure: nil, &state)
    }

    /// Takes the lease and the checkpoints, and makes a reader that starts there; `nil` while another has the lease.
    private func open(_ state: inout State) throws -> (any EventReader)? {
        if let reader = state.reader { return reader }
        let (topic, owner, partitions, peers) = (topic, owner, partitions, peers)
        let numbers = try state.lease.take(
            in: database, uptime: environment.uptime(), isDead: { peers?.isDead($0) ?? false }
        ) { transaction in
            try Checkpoint.take(topic, partitions, for: owner, in: transaction)
        }
        guard let numbers else { return nil }
        let codes = log.codes
        if codes.acceptsMissing { try database.write { try Parked.giveCodes(codes, in: $0) } }
        let reader = try log.reader(of: topic, after: numbers)
        state.numbers = numbers
        state.kept = numbers
        state.keptAt = environment.uptime()
        state.gaps = [:]
        state.reader = reader
        current.withLock { $0 = reader }
        return reader
    }

    /// The events that come next in their partitions, and the partitions with a gap.
    private func inOrder(_ envelopes: [Envelope], after numbers: [Int: Int64]) -> (next: [Envelope], torn: Set<Int>) {
        var last = numbers
        var next: [Envelope] = []
        next.reserveCapacity(envelopes.count)
        var torn: Set<Int> = []
        for envelope in envelopes {
            guard let number = last[envelope.partition] else { continue }
            if envelope.number == number + 1 {
                last[envelope.partition] = envelope.number
                next.append(envelope)
            } else if envelope.number > number {
                torn.insert(envelope.partition)
            }
        }
        // If a later message of the same batch fills a gap, the messages in between were skipped and must be read
        // again.
        let ignored = envelopes.count - next.count
        if ignored > 0 { note { $0.ignored += ignored } }
        return (next, torn)
    }

    /// Moves the reader back to each gap. A gap that lasts becomes an alarm.
    private func mind(_ torn: Set<Int>, _ state: inout State, _ reader: any EventReader) throws {
        let uptime = environment.uptime()
        for partition in torn.sorted() {
            try reader.seek(partition: partition, after: state.numbers[partition, default: 0])
            if state.gaps[partition] == nil { state.gaps[partition] = uptime }
        }
        for partition in state.gaps.keys where !torn.contains(partition) {
            state.gaps[partition] = nil
            state.askedAt[partition] = nil
        }
        let compiled = state.gaps.filter { uptime - $0.value >= Subscription.alarmAfter }.keys.sorted()
        for partition in compiled {
            if let asked = state.askedAt[partition], uptime - asked < Subscription.alarmAfter { continue }
            state.askedAt[partition] = uptime
            missing(partition, state.numbers[partition, default: 0])
        }
        let alarms = compiled.map { partition in
            "\(service) waits for event \(state.numbers[partition, default: 0] + 1) of \(topic), partition "
                + "\(partition), which the log lacks"
        }
        figures.withLock { $0.alarms = alarms }
    }

    /// Applies all in one transaction. If an event fails, the batch is halved until that event is alone, and it is
    /// parked.
    private func apply(_ envelopes: ArraySlice<Envelope>, _ state: inout State) throws {
        do {
            try commit(Array(envelopes), failure: nil, &state)
        } catch  where Subscription.isOfTheEvent(error) {
            guard envelopes.count > 1 else {
                return try commit(Array(envelopes), failure: "\(error)", &state)
            }
            let middle = envelopes.startIndex + envelopes.count / 2
            try apply(envelopes[..<middle], &state)
            try apply(envelopes[middle...], &state)
        }
    }

    /// Whether an error comes from the event itself, so that it would happen again: a rule of the model, unreadable
    /// data, a broken constraint. All other storage errors say nothing about the event.
    static func isOfTheEvent(_ error: any Error) -> Bool {
        switch error {
        case StorageError.constraint, StorageError.decoding: true
        case is StorageError, is LeaseLost: false
        default: true
        }
    }

    /// One transaction: moves the checkpoints, queues events behind a parked event, applies the rest. With a `failure`,
    /// it parks the only envelope instead.
    private func commit(_ envelopes: [Envelope], failure: String?, _ state: inout State) throws {
        var numbers = state.numbers
        for envelope in envelopes { numbers[envelope.partition] = envelope.number }
        let moves = numbers.filter { state.kept[$0.key] != $0.value }.keys.sorted().map { partition in
            Checkpoint.Move(
                partition: partition, from: state.kept[partition, default: 0], to: numbers[partition, default: 0])
        }
        let (topic, owner, now) = (topic, owner, environment.now())
        let start = environment.uptime()
        let outcome = try database.write { [self] transaction -> Outcome in
            try Checkpoint.move(topic, moves, owner: owner, in: transaction)
            let handled = envelopes.filter { handlers[$0.type] != nil }
            guard !handled.isEmpty else { return Outcome() }
            if let failure {
                try Parked.park(handled, error: failure, now: now, in: transaction)
                for envelope in handled { try onParked(envelope, transaction) }
                return Outcome(parked: handled, error: failure)
            }
            let blocked = try Parked.keys(among: handled, of: topic, in: transaction)
            guard !blocked.isEmpty else {
                try react(to: handled, transaction)
                return Outcome(applied: handled)
            }
            let behind = handled.filter { blocked.contains($0.key) }
            try Parked.queue(behind, now: now, in: transaction)
            let free = handled.filter { !blocked.contains($0.key) }
            try react(to: free, transaction)
            return Outcome(applied: free, parked: behind)
        }
        (state.numbers, state.kept, state.keptAt) = (numbers, numbers, start)
        tell(outcome, since: start)
    }

    /// Counts what a transaction did, and calls the observer.
    func tell(_ outcome: Outcome, since start: Int64) {
        guard !outcome.applied.isEmpty || !outcome.parked.isEmpty else { return }
        note {
            $0.applied += outcome.applied.count
            $0.parked += outcome.parked.count
        }
        var outcome = outcome
        outcome.milliseconds = environment.uptime() - start
        observed(outcome)
    }

    /// Passes the envelopes to their reactions. Consecutive envelopes with the same reactions go in one call.
    func react(to envelopes: [Envelope], _ transaction: any Transaction) throws {
        var start = envelopes.startIndex
        while start < envelopes.endIndex {
            let takers = handlers[envelopes[start].type] ?? []
            var end = start + 1
            while end < envelopes.endIndex, (handlers[envelopes[end].type] ?? []) == takers { end += 1 }
            let run = Array(envelopes[start..<end])
            for taker in takers { try reactions[taker].apply(run, transaction) }
            start = end
        }
    }
}
