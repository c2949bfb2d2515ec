import Messaging
import Storage
import Synchronization
import Values

/// Follows a topic in the order of arrival, which is one query for all partitions. A partition that starts behind, or
/// is set back, is first read by its numbers until it has caught up.
final class SQLiteEventReader: EventReader {
    private struct State: Sendable {
        /// The last number handed over, per partition.
        var numbers: [Int: Int64]
        /// Partitions that are read by number; the first one is next.
        var behind: [Int]
        /// The number up to which these partitions are read, if that is further than what was handed over: rows that
        /// are not events were skipped.
        var passed: [Int: Int64] = [:]
        /// Everything that arrived up to here is handed over, except in partitions that are behind.
        var position: Int64
        var woken = false
    }

    /// How many rows a partition that catches up may deliver before the next one's turn.
    private static let share = 250

    private static let columns: SQL = "\(Envelope.journalColumns), position"

    private let database: any Database
    private let codes: EventCodes
    private let topic: Topic
    private let number: Int64
    private let signal: Signal
    private let state: Mutex<State>

    /// - Parameter position: the last position in the log before this reader was made.
    init(
        database: any Database, codes: EventCodes, topic: Topic, number: Int64, signal: Signal,
        after numbers: [Int: Int64], position: Int64
    ) {
        self.database = database
        self.codes = codes
        self.topic = topic
        self.number = number
        self.signal = signal
        state = Mutex(State(numbers: numbers, behind: numbers.keys.sorted(), position: position))
    }

    func next(limit: Int, waiting seconds: Double) throws -> [Envelope] {
        let seen = signal.count
        let found = try take(limit)
        guard found.isEmpty, seconds > 0, !isWoken() else { return found }
        signal.wait(past: seen, atMost: seconds)
        _ = isWoken()
        // Read even if the signal did not move: another process may have published.
        return try take(limit)
    }

    func seek(partition: Int, after number: Int64) throws {
        state.withLock { state in
            guard state.numbers[partition] != nil else { return }
            state.numbers[partition] = number
            state.passed[partition] = nil
            if !state.behind.contains(partition) { state.behind.append(partition) }
        }
    }

    func wake() {
        state.withLock { $0.woken = true }
        signal.note()
    }

    private func isWoken() -> Bool {
        state.withLock { state in
            defer { state.woken = false }
            return state.woken
        }
    }

    private func take(_ limit: Int) throws -> [Envelope] {
        // Only one thread reads and seeks, so a copy is enough.
        var state = state.withLock { $0 }
        var found: [Envelope] = []
        while found.count < limit {
            let isDone =
                try state.behind.isEmpty
                ? follow(limit - found.count, &state, &found) : catchUp(limit - found.count, &state, &found)
            if isDone { break }
        }
        let taken = state
        self.state.withLock { state in
            let woken = state.woken
            state = taken
            state.woken = woken
        }
        return found
    }

    /// Reads the next part of the first partition that is behind. If there are fewer rows than asked for, the partition
    /// has caught up: later events have a later position than anything that was there. Never returns that this was the
    /// end.
    private func catchUp(_ limit: Int, _ state: inout State, _ found: inout [Envelope]) throws -> Bool {
        let partition = state.behind[0]
        let count = min(limit, SQLiteEventReader.share)
        let (number, after) = (number, state.passed[partition] ?? state.numbers[partition, default: 0])
        let rows = try database.read { transaction in
            try transaction.fetch(
                """
                SELECT \(SQLiteEventReader.columns) FROM event
                WHERE topic = \(number) AND partition = \(partition) AND number > \(after) ORDER BY number LIMIT \(count)
                """)
        }
        // A row that cannot even be read is no event either.
        let envelopes = rows.compactMap { try? Envelope(journalRow: $0, topic: topic) }
        state.behind.removeFirst()
        if rows.count == count { state.behind.append(partition) }
        state.passed[partition] = rows.count == count ? try rows.last.map { try $0(Envelope.journalNumberColumn) } : nil
        for envelope in envelopes where codes.accepts(envelope) {
            state.numbers[partition] = envelope.number
            found.append(envelope)
        }
        return false
    }

    /// Reads what arrived next. Returns whether that was all.
    private func follow(_ limit: Int, _ state: inout State, _ found: inout [Envelope]) throws -> Bool {
        let (number, position) = (number, state.position)
        let rows = try database.read { transaction in
            try transaction.fetch(
                """
                SELECT \(SQLiteEventReader.columns) FROM event
                WHERE topic = \(number) AND position > \(position) ORDER BY position LIMIT \(limit)
                """)
        }
        for row in rows {
            state.position = try row(Envelope.journalColumnCount)
            guard let envelope = try? Envelope(journalRow: row, topic: topic) else { continue }
            guard let last = state.numbers[envelope.partition], envelope.number > last else { continue }
            guard codes.accepts(envelope) else { continue }
            state.numbers[envelope.partition] = envelope.number
            found.append(envelope)
        }
        return rows.count < limit
    }
}
