import Storage
import Values

/// Events that could not be applied, with their errors, and later events of the same key (X42). A key is retried with
/// growing pauses. After the last try it waits for an admin, who replays or discards its first event.
package enum Parked {
    static let schema = [
        // One row per event: either waiting, or discarded and kept for `verify`. An event that is applied later is
        // deleted.
        """
        CREATE TABLE IF NOT EXISTS parked (
            topic TEXT NOT NULL,
            partition INTEGER NOT NULL,
            number INTEGER NOT NULL,
            id BLOB NOT NULL,
            key BLOB NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            time INTEGER NOT NULL,
            trace TEXT NOT NULL,
            data BLOB NOT NULL,
            error TEXT NOT NULL,
            parked_at INTEGER NOT NULL,
            discarded_at INTEGER,
            discarded_by BLOB,
            reason TEXT,
            PRIMARY KEY (topic, partition, number)
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS parked_id ON parked (id)",
        "CREATE INDEX IF NOT EXISTS parked_waiting ON parked (topic, key, number) WHERE discarded_at IS NULL",
        // One row per key with waiting events. `next_try` is empty if the key waits for an admin.
        """
        CREATE TABLE IF NOT EXISTS parked_key (
            topic TEXT NOT NULL,
            key BLOB NOT NULL,
            partition INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            next_try INTEGER,
            PRIMARY KEY (topic, key)
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS parked_key_due ON parked_key (topic, next_try)",
    ]

    /// For the kit's second step.
    package static let codeSchema = Journal.codeColumns(of: "parked")

    /// The number of tries of a key's first event before the key waits for an admin.
    package static let tries = 10

    /// The time of the next try after failure number `tries`: 1, 2, 4 … seconds later, at most five minutes.
    static func nextTry(after tries: Int, now: Instant) -> Instant? {
        guard tries < Parked.tries else { return nil }
        return now.adding(seconds: min(longestPause, 1 << Int64(max(0, tries - 1))))
    }

    /// The longest pause, in seconds.
    private static let longestPause: Int64 = 300

    /// The keys of these envelopes that have parked events. Their rows stay locked, so that an admin's discard of the
    /// last event and the queueing of another cannot interleave.
    static func keys(among envelopes: [Envelope], of topic: Topic, in transaction: any Transaction) throws -> Set<ID> {
        guard try transaction.fetchOne("SELECT 1 FROM parked_key WHERE topic = \(topic.name) LIMIT 1") != nil else {
            return []
        }
        let rows = try transaction.fetchLocking(in: Set(envelopes.map(\.key)).sorted()) {
            "SELECT key FROM parked_key WHERE topic = \(topic.name) AND key IN (\(list: $0)) ORDER BY key"
        }
        return Set(try rows.map { try $0(0, as: ID.self) })
    }

    /// Parks events that have just failed.
    static func park(_ envelopes: [Envelope], error: String, now: Instant, in transaction: any Transaction) throws {
        try insert(envelopes, error: error, now: now, in: transaction)
        for envelope in envelopes {
            try transaction.send(
                """
                INSERT INTO parked_key (topic, key, partition, tries, next_try)
                VALUES (\(envelope.topic), \(envelope.key), \(envelope.partition), 1, \(nextTry(after: 1, now: now).stored))
                ON CONFLICT (topic, key) DO NOTHING
                """)
        }
    }

    /// Puts envelopes in the queue behind others of their key.
    static func queue(_ envelopes: [Envelope], now: Instant, in transaction: any Transaction) throws {
        try insert(envelopes, error: "", now: now, in: transaction)
    }

    private static func insert(
        _ envelopes: [Envelope], error: String, now: Instant, in transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            INSERT INTO parked (topic, partition, number, id, key, name, version, time, trace, data, code, number_code,
                personal, error, parked_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            rows: envelopes.map { envelope in
                [
                    .text(envelope.topic), envelope.partition.stored, .integer(envelope.number), envelope.id.stored,
                    envelope.key.stored, .text(envelope.name), envelope.version.stored, envelope.time.stored,
                    .text(envelope.trace), .blob(envelope.data), envelope.code.stored, envelope.numberCode.stored,
                    .text(envelope.personal), .text(String(error.prefix(2000))), now.stored,
                ]
            })
    }

    /// A key that is due: its time has come, or its time is further ahead than the longest pause. The second case is a
    /// clock that was put back, which must not make anything wait for the old time (X65).
    struct Due: Sendable {
        let key: ID
        let partition: Int
        let tries: Int
    }

    static func due(
        _ topic: Topic, _ partitions: Range<Int>, now: Instant, in transaction: any Transaction
    ) throws -> Due? {
        try transaction.fetchOne(
            """
            SELECT key, partition, tries FROM parked_key
            WHERE topic = \(topic.name) AND (next_try <= \(now) OR next_try > \(now.adding(seconds: longestPause)))
            AND partition >= \(partitions.lowerBound) AND partition < \(partitions.upperBound)
            ORDER BY next_try, key LIMIT 1
            """
        ).map { Due(key: try $0(0), partition: try $0(1), tries: try $0(2)) }
    }

    /// The first events of a key, in order.
    static func queue(_ topic: Topic, key: ID, limit: Int, in transaction: any Transaction) throws -> [Envelope] {
        try transaction.fetch(
            """
            SELECT \(Envelope.journalColumns) FROM parked
            WHERE topic = \(topic.name) AND key = \(key) AND discarded_at IS NULL ORDER BY number LIMIT \(limit)
            """
        ).map { try Envelope(journalRow: $0, topic: topic) }
    }
}
