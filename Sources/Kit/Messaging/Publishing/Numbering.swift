import Storage
import Values

/// Assigns numbers to journal rows: per partition, in the order of the database, under the lock of the counters (never
/// by clock or id). Two relays at once take turns at the lock, so no number is assigned twice.
enum Numbering {
    struct Cursor: Sendable {
        let partition: Int
        let numbered: Int64
        let published: Int64
    }

    /// The counters of all partitions, locked. Creates them the first time.
    static func cursors(in transaction: any Transaction) throws -> [Cursor] {
        let sql: SQL = "SELECT partition, numbered, published FROM journal_cursor ORDER BY partition"
        var rows = try transaction.fetchLocking(sql)
        if rows.count < Topic.partitions {
            try transaction.send(
                """
                INSERT INTO journal_cursor (partition, numbered, published) VALUES (?, 0, 0)
                ON CONFLICT (partition) DO NOTHING
                """, rows: (0..<Topic.partitions).map { [$0.stored] })
            rows = try transaction.fetchLocking(sql)
        }
        return try rows.map { Cursor(partition: try $0(0), numbered: try $0(1), published: try $0(2)) }
    }

    /// A row that is not an event. It has no envelope if it cannot be read as one.
    struct Refused: Sendable {
        let envelope: Envelope?
        let position: Int64
    }

    /// What a turn has numbered, and the state of the counters.
    struct Numbered: Sendable {
        let envelopes: [Envelope]
        /// Rows that are not events.
        let refused: [Refused]
        /// Whether there may be more.
        let isFull: Bool
        /// Partitions that a reader wants published again, with the number to start after: their counters are behind
        /// what the relay has noted.
        let asked: [Int: Int64]
        let cursors: [Cursor]
    }

    /// Notes what was published, and assigns numbers to at most `limit` events, which it returns in order. A row
    /// without a valid code is not an event (X60): it is marked as refused, and skipped from then on.
    /// - Parameter noted: what this relay knows to be noted as published.
    static func number(
        _ journal: Journal, noting published: [Int: Int64], after noted: [Int: Int64], atMost limit: Int,
        in transaction: any Transaction
    ) throws -> Numbered {
        let cursors = try cursors(in: transaction)
        let asked = Dictionary(
            cursors.filter { $0.published < noted[$0.partition, default: 0] }.map { ($0.partition, $0.published) },
            uniquingKeysWith: { $1 })
        let rows = try transaction.fetch(
            """
            SELECT \(Envelope.journalColumns), position FROM journal
            WHERE number IS NULL AND refused = 0 ORDER BY position LIMIT \(limit)
            """)
        var numbered = Dictionary(uniqueKeysWithValues: cursors.map { ($0.partition, $0.numbered) })
        var envelopes: [Envelope] = []
        envelopes.reserveCapacity(rows.count)
        var refused: [Refused] = []
        var given: [[Value]] = []
        given.reserveCapacity(rows.count)
        for row in rows {
            let position: Int64 = try row(Envelope.journalColumnCount)
            // A row that cannot be read is not an event either.
            let read = try? Envelope(journalRow: row, topic: journal.topic)
            guard var envelope = read, journal.codes.isWritten(envelope) else {
                refused.append(Refused(envelope: read, position: position))
                continue
            }
            envelope.number = numbered[envelope.partition, default: 0] + 1
            envelope = journal.codes.given(to: envelope)
            numbered[envelope.partition] = envelope.number
            given.append([
                .integer(envelope.number), envelope.numberCode.stored, envelope.code.stored, .text(envelope.personal),
                .integer(position),
            ])
            envelopes.append(envelope)
        }
        if !given.isEmpty {
            try transaction.send(
                "UPDATE journal SET number = ?, number_code = ?, code = ?, personal = ? WHERE position = ?", rows: given
            )
        }
        if !refused.isEmpty {
            try transaction.send(
                "UPDATE journal SET refused = 1 WHERE position = ?", rows: refused.map { [.integer($0.position)] })
        }
        let moved = cursors.compactMap { cursor -> [Value]? in
            let number = numbered[cursor.partition, default: 0]
            let isAsked = asked[cursor.partition] != nil
            let sent = isAsked ? cursor.published : max(published[cursor.partition] ?? 0, cursor.published)
            guard number != cursor.numbered || sent != cursor.published else { return nil }
            return [.integer(number), .integer(sent), cursor.partition.stored]
        }
        if !moved.isEmpty {
            try transaction.send(
                "UPDATE journal_cursor SET numbered = ?, published = ? WHERE partition = ?", rows: moved)
        }
        let after = cursors.map { cursor in
            let isAsked = asked[cursor.partition] != nil
            return Cursor(
                partition: cursor.partition, numbered: numbered[cursor.partition, default: 0],
                published: isAsked ? cursor.published : max(published[cursor.partition] ?? 0, cursor.published))
        }
        return Numbered(
            envelopes: envelopes, refused: refused, isFull: rows.count == limit, asked: asked,
            cursors: after)
    }
}

extension Envelope {
    /// The columns that an envelope is read from, in a journal or in a table like it. The number is 0 if there is none.
    package static let journalColumns: SQL = """
        id, name, version, key, time, trace, data, partition, COALESCE(number, 0), code, number_code, personal
        """
    package static let journalColumnCount = 12
    /// The index of the number among them.
    package static let journalNumberColumn = 8

    /// Reads the ``journalColumns``.
    package init(journalRow row: Row, topic: Topic) throws {
        self.init(
            id: try row(0), topic: topic.name, name: try row(1), version: try row(2), key: try row(3), time: try row(4),
            trace: try row(5), data: try row(6), partition: try row(7), number: try row(8))
        code = try row(9)
        numberCode = try row(10)
        personal = try row(11)
    }
}

extension Journal {
    /// Numbered events of a partition, in order.
    package func events(
        partition: Int, after number: Int64, upTo last: Int64 = .max, limit: Int, in transaction: any Transaction
    ) throws -> [Envelope] {
        try transaction.fetch(
            """
            SELECT \(Envelope.journalColumns) FROM journal
            WHERE partition = \(partition) AND number IS NOT NULL AND number > \(number) AND number <= \(last)
            ORDER BY number LIMIT \(limit)
            """
        ).map { try Envelope(journalRow: $0, topic: topic) }
    }
}
