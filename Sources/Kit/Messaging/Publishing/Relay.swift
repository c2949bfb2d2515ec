import Storage
import Synchronization
import Values

/// Publishes one service's journal to the event log, in turns. A turn is one transaction and then one publication. The
/// transaction notes what the last turn published, and assigns numbers to committed events. Once committed, a number
/// never changes. So if the relay stops in between, the event has the same number when it is published again.
package final class Relay: Sendable {
    /// The maximum number of events in a turn.
    package static let batch = 1000

    private struct State: Sendable {
        var lease: Lease
        /// Whether the log's tails have been checked since the start, or since the last error.
        var connected = false
        /// Partitions with events that the log lacks: the last number that it has, and the last one assigned.
        var missing: [Int: (has: Int64, of: Int64)] = [:]
        /// What was published but is not yet noted in the journal.
        var unnoted: [Int: Int64] = [:]
        /// What the journal notes as published, as far as this relay knows.
        var noted: [Int: Int64] = [:]
        /// The last turn was full, so there are certainly more events.
        var full = false
    }

    package let journal: Journal
    private let database: any Database
    private let log: any EventLog
    private let environment: Environment
    private let published: @Sendable (Topic) -> Void
    private let turn: Mutex<State>
    /// Gaps that readers found in the log: after which number, per partition.
    private let asked = Mutex<[Int: Int64]>([:])

    /// - Parameter published: called after each publication, on the stepping thread.
    package init(
        journal: Journal, database: any Database, log: any EventLog, environment: Environment, owner: Owner,
        published: @escaping @Sendable (Topic) -> Void = { _ in }
    ) {
        self.journal = journal
        self.database = database
        self.log = log
        self.environment = environment
        self.published = published
        turn = Mutex(State(lease: Lease(name: "relay", owner: owner)))
    }

    /// Does one turn. After an error nothing has changed: the next turn checks the log again and continues from there.
    ///
    /// - Throws: ``NumbersBehindTopic``, ``LeaseLost``, or what the database or the log threw.
    package func step() throws -> Turn {
        try turn.withLock { state in
            do {
                return try step(&state)
            } catch {
                state.connected = false
                state.missing = [:]
                state.unnoted = [:]
                if error is LeaseLost { state.lease.lose() }
                throw error
            }
        }
    }

    /// Checks the log without publishing anything. Called at the start of a service, so that a service with old numbers
    /// does not start.
    /// - Throws: ``NumbersBehindTopic``, or what the database or the log threw.
    package func connect() throws {
        try turn.withLock { state in
            guard state.lease.owner.alone else { return try compare() }
            if !state.connected { _ = try connect(&state) }
        }
    }

    /// Compares the counters with the log's tails, possibly while another process is relaying. The tails are read
    /// first. Numbers are assigned before they are published, so every number in the log by then has been assigned.
    private func compare() throws {
        var tails: [Int: Int64] = [:]
        for partition in 0..<Topic.partitions {
            tails[partition] = try log.tail(of: journal.topic, partition: partition)
        }
        let numbered = try database.read { transaction in
            try transaction.fetch("SELECT partition, numbered FROM journal_cursor ORDER BY partition").map {
                (try $0(0, as: Int.self), try $0(1, as: Int64.self))
            }
        }
        let given = Dictionary(numbered, uniquingKeysWith: { $1 })
        for (partition, tail) in tails.sorted(by: { $0.key < $1.key }) where tail > given[partition, default: 0] {
            throw NumbersBehindTopic(
                topic: journal.topic, partition: partition, numbered: given[partition, default: 0], tail: tail)
        }
    }

    /// Publishes a partition again from after `number`, because a reader waits for events that the log lacks there. The
    /// tails don't show such a hole (a broker that was put back to an older state, with newer messages after it), so
    /// only a reader can notice it. Readers drop duplicates by their numbers.
    package func publishAgain(partition: Int, after number: Int64) {
        asked.withLock { $0[partition] = min($0[partition] ?? number, number) }
        database.commits.note()
    }

    /// Like ``publishAgain(partition:after:)``, for a relay in another process. It sets back what the journal notes as
    /// published; that relay sees this at its next turn.
    package static func publishAgain(partition: Int, after number: Int64, in transaction: any Transaction) throws {
        try transaction.send(
            """
            UPDATE journal_cursor SET published = \(number) WHERE partition = \(partition) AND published > \(number)
            """)
    }

    /// Gives up the lease, so that another process can continue at once.
    package func release() throws {
        try turn.withLock { state in
            state.connected = false
            try state.lease.release(in: database)
        }
    }

    private func step(_ state: inout State) throws -> Turn {
        // Checked even if there are no new events: consumers may wait for lost ones.
        if state.connected, log.mayHaveForgotten(journal.topic) { state.connected = false }
        if !state.connected {
            guard try connect(&state) else { return .blocked }
        }
        try takeAsked(&state)
        if let partition = state.missing.keys.min() {
            // A refill can take many turns, so the lease is renewed here.
            let uptime = environment.uptime()
            if state.lease.isDue(uptime: uptime) { try state.lease.beat(in: database, uptime: uptime) }
            try noteMissing(&state)
            try refill(partition, &state)
            return .more
        }
        if !state.full && state.unnoted.isEmpty && !state.lease.isDue(uptime: environment.uptime()) {
            let waiting = try database.read { transaction in
                try transaction.fetchOne("SELECT position FROM journal WHERE number IS NULL AND refused = 0 LIMIT 1")
            }
            if waiting == nil { return .idle }
        }
        return try carry(&state)
    }

    /// Numbers and publishes one batch.
    private func carry(_ state: inout State) throws -> Turn {
        let (journal, topic, owner) = (journal, journal.topic, state.lease.owner)
        let (unnoted, noted) = (state.unnoted, state.noted)
        let uptime = environment.uptime()
        let numbered = try database.write { transaction in
            try Lease.fence("relay", owner, in: transaction)
            return try Numbering.number(journal, noting: unnoted, after: noted, atMost: Relay.batch, in: transaction)
        }
        let envelopes = numbered.envelopes
        state.lease.noteBeat(uptime: uptime)
        state.unnoted = [:]
        for cursor in numbered.cursors {
            state.noted[cursor.partition] = cursor.published
            if let after = numbered.asked[cursor.partition] {
                state.missing[cursor.partition] = (after, cursor.numbered)
            }
        }
        state.full = numbered.isFull
        for row in numbered.refused { journal.codes.refuse(row, of: journal.topic) }
        guard !envelopes.isEmpty else { return numbered.refused.isEmpty ? .idle : .more }
        try log.publish(envelopes, to: topic)
        for envelope in envelopes { state.unnoted[envelope.partition] = envelope.number }
        published(topic)
        return .more
    }

    /// Takes the lease, reads the counters, and compares them with the log's tails.
    private func connect(_ state: inout State) throws -> Bool {
        let journal = journal
        let cursors = try state.lease.take(in: database, uptime: environment.uptime()) { transaction in
            try Numbering.cursors(in: transaction)
        }
        guard let cursors else { return false }
        // Events that processes of a version without codes have written since the kit's step gave codes to all existing
        // events.
        if journal.codes.acceptsMissing { try journal.giveCodes(in: database) }
        var missing: [Int: (has: Int64, of: Int64)] = [:]
        for cursor in cursors {
            let tail = try log.tail(of: journal.topic, partition: cursor.partition)
            guard tail <= cursor.numbered else {
                throw NumbersBehindTopic(
                    topic: journal.topic, partition: cursor.partition, numbered: cursor.numbered, tail: tail)
            }
            // After the noted number there may be holes, if a publication was interrupted. So that part is published
            // again.
            let has = min(tail, cursor.published)
            if has < cursor.numbered { missing[cursor.partition] = (has, cursor.numbered) }
        }
        state.missing = missing
        state.unnoted = [:]
        state.noted = Dictionary(cursors.map { ($0.partition, $0.published) }, uniquingKeysWith: { $1 })
        state.full = true
        state.connected = true
        return true
    }

    /// Adds the gaps that readers reported to what is missing, up to the last number in the journal.
    private func takeAsked(_ state: inout State) throws {
        let asked = asked.withLock { asked in
            defer { asked = [:] }
            return asked
        }
        guard !asked.isEmpty else { return }
        let numbered = try database.read { transaction in
            try transaction.fetch("SELECT partition, numbered FROM journal_cursor ORDER BY partition").map {
                (partition: try $0(0, as: Int.self), number: try $0(1, as: Int64.self))
            }
        }
        for (partition, last) in numbered {
            guard let after = asked[partition], after < last else { continue }
            state.missing[partition] = (min(after, state.missing[partition]?.has ?? after), last)
        }
    }

    /// Notes how far the log reaches, before later events are published again. If the publication is interrupted, later
    /// events may be stored without earlier ones, which no tail shows.
    private func noteMissing(_ state: inout State) throws {
        let (owner, noted) = (state.lease.owner, state.noted)
        let back = state.missing.mapValues(\.has).filter { $0.value < noted[$0.key, default: 0] }
        guard !back.isEmpty else { return }
        try database.write { transaction in
            try Lease.fence("relay", owner, in: transaction)
            for (partition, has) in back.sorted(by: { $0.key < $1.key }) {
                try transaction.send(
                    """
                    UPDATE journal_cursor SET published = \(has) WHERE partition = \(partition) AND published > \(has)
                    """)
            }
        }
        state.noted.merge(back) { $1 }
    }

    /// Publishes again, from the journal, a batch of the events that the log lacks in a partition.
    private func refill(_ partition: Int, _ state: inout State) throws {
        guard let range = state.missing[partition] else { return }
        let (journal, topic) = (journal, journal.topic)
        let envelopes = try database.read { transaction in
            try journal.events(
                partition: partition, after: range.has, upTo: range.of, limit: Relay.batch, in: transaction)
        }
        guard let last = envelopes.last, envelopes.first?.number == range.has + 1 else {
            throw StorageError.corrupt(
                "the journal of \(topic) lacks event \(range.has + 1) of partition \(partition), which it has numbered")
        }
        // Events that were changed after they were numbered are not published, nor those after them. A reader from the
        // beginning waits there; readers that are further on continue.
        let right = Array(envelopes.prefix { journal.codes.accepts($0, in: .journal) })
        if !right.isEmpty {
            try log.publish(right, to: topic)
            published(topic)
        }
        state.unnoted[partition] = last.number
        if right.count < envelopes.count || last.number >= range.of {
            state.missing[partition] = nil
        } else {
            state.missing[partition] = (last.number, range.of)
        }
    }
}
