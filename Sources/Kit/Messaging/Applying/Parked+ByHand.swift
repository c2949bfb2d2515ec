import Storage
import Values

/// What an admin can do with parked events (X42): list them, replay one, discard one.
extension Parked {
    private static let columns: SQL = """
        SELECT p.id, p.name, p.version, p.key, p.time, p.trace, p.data, p.partition, p.number, p.code, p.number_code,
            p.personal, p.topic, p.error, p.parked_at, COALESCE(k.tries, 0), k.next_try, p.discarded_at, p.discarded_by, p.reason,
            CASE WHEN p.discarded_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM parked b WHERE b.topic = p.topic AND b.key = p.key AND b.discarded_at IS NULL
                    AND b.number < p.number) THEN 1 ELSE 0 END
        FROM parked p LEFT JOIN parked_key k ON k.topic = p.topic AND k.key = p.key
        """

    /// Parked events, including discarded ones, in the order of topic, partition and number. `after` is the last event
    /// of the previous page.
    package static func list(
        after: (topic: String, partition: Int, number: Int64)? = nil, limit: Int, in transaction: any Transaction
    ) throws -> [ParkedEvent] {
        let last = after ?? ("", -1, 0)
        return try transaction.fetch(
            """
            \(columns) WHERE (p.topic, p.partition, p.number) > (\(last.topic), \(last.partition), \(last.number))
            ORDER BY p.topic, p.partition, p.number LIMIT \(limit)
            """
        ).map(event)
    }

    /// One parked or discarded event.
    package static func show(
        topic: String, partition: Int, number: Int64, in transaction: any Transaction
    ) throws -> ParkedEvent? {
        try transaction.fetchOne(
            "\(columns) WHERE p.topic = \(topic) AND p.partition = \(partition) AND p.number = \(number)"
        ).map(event)
    }

    /// One parked or discarded event, by its id: the command line and an event's page know only the id.
    package static func show(id: ID, in transaction: any Transaction) throws -> ParkedEvent? {
        try transaction.fetchOne("\(columns) WHERE p.id = \(id)").map(event)
    }

    /// Makes the event's key due at once, with all its tries again. Returns `false` if the event is no longer parked.
    package static func replay(
        topic: String, partition: Int, number: Int64, now: Instant, in transaction: any Transaction
    ) throws -> Bool {
        guard let key = try waitingKey(topic, partition, number, in: transaction) else { return false }
        return try transaction.change(
            "UPDATE parked_key SET tries = 0, next_try = \(now) WHERE topic = \(topic) AND key = \(key)") == 1
    }

    /// Discards an event, for a reason that is stored with it. The next event of its key is tried at once. Returns
    /// `false` if the event is no longer parked.
    package static func discard(
        topic: String, partition: Int, number: Int64, reason: String, by: ID, now: Instant,
        in transaction: any Transaction
    ) throws -> Bool {
        guard let key = try waitingKey(topic, partition, number, in: transaction) else { return false }
        try transaction.send(
            """
            UPDATE parked SET discarded_at = \(now), discarded_by = \(by), reason = \(reason)
            WHERE topic = \(topic) AND partition = \(partition) AND number = \(number)
            """)
        let left = try transaction.fetchOne(
            "SELECT 1 FROM parked WHERE topic = \(topic) AND key = \(key) AND discarded_at IS NULL LIMIT 1")
        if left == nil {
            try transaction.send("DELETE FROM parked_key WHERE topic = \(topic) AND key = \(key)")
        } else {
            try transaction.send(
                "UPDATE parked_key SET tries = 0, next_try = \(now) WHERE topic = \(topic) AND key = \(key)")
        }
        return true
    }

    /// The events of a topic that are parked or were discarded, for checks that count them apart.
    package static func ids(of topic: Topic, in transaction: any Transaction) throws -> Set<ID> {
        var ids: Set<ID> = []
        try transaction.forEach("SELECT id FROM parked WHERE topic = \(topic.name)") { ids.insert(try $0(0)) }
        return ids
    }

    /// The number of parked events, per topic.
    package static func counts(in transaction: any Transaction) throws -> [ParkedCount] {
        let keys = try transaction.fetch(
            "SELECT topic, COUNT(*), SUM(CASE WHEN next_try IS NULL THEN 1 ELSE 0 END) FROM parked_key GROUP BY topic")
        let events = try transaction.fetch(
            """
            SELECT topic, SUM(CASE WHEN discarded_at IS NULL THEN 1 ELSE 0 END),
                SUM(CASE WHEN discarded_at IS NULL THEN 0 ELSE 1 END)
            FROM parked GROUP BY topic ORDER BY topic
            """)
        return try events.map { row in
            let topic: String = try row(0)
            let key = try keys.first { try $0(0) == topic }
            return ParkedCount(
                topic: topic, keys: try key?(1) ?? 0, forAdmin: try key?(2) ?? 0, events: try row(1),
                discarded: try row(2))
        }
    }

    /// The key of a waiting event; its row is locked.
    private static func waitingKey(
        _ topic: String, _ partition: Int, _ number: Int64, in transaction: any Transaction
    ) throws -> ID? {
        let row = try transaction.fetchOne(
            """
            SELECT key FROM parked WHERE topic = \(topic) AND partition = \(partition) AND number = \(number)
            AND discarded_at IS NULL
            """)
        guard let key: ID = try row?(0) else { return nil }
        let locked = try transaction.fetchLocking(
            "SELECT key FROM parked_key WHERE topic = \(topic) AND key = \(key)")
        return locked.isEmpty ? nil : key
    }

    private static func event(_ row: Row) throws -> ParkedEvent {
        let topic = Topic(try row(12))
        let discardedAt: Instant? = try row(17)
        let discardedBy: ID? = try row(18)
        let reason: String? = try row(19)
        var discard: ParkedEvent.Discard?
        if let discardedAt, let discardedBy {
            discard = ParkedEvent.Discard(at: discardedAt, by: discardedBy, reason: reason ?? "")
        }
        return ParkedEvent(
            envelope: try Envelope(journalRow: row, topic: topic), error: try row(13), parkedAt: try row(14),
            tries: discard == nil ? try row(15) : 0, nextTry: discard == nil ? try row(16) : nil,
            isFirst: try row(20), discarded: discard)
    }
}
