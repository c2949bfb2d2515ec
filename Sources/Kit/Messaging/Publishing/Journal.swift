import Storage
import Values

/// A service's transactional outbox. Each event is written here in the transaction of the change that it reports (X40),
/// and kept. The ``Relay`` numbers the events and publishes them to the event log.
package struct Journal: Sendable {
    package let topic: Topic
    package let codes: EventCodes
    /// Older versions in which events are also written, because consumers of them are still running: `task-created.1`.
    package let alsoAs: Set<String>

    package init(topic: Topic, codes: EventCodes, alsoAs: Set<String> = []) {
        self.topic = topic
        self.codes = codes
        self.alsoAs = alsoAs
    }

    /// The tables, for the kit's first step. `number` is empty until the relay has assigned it, once and for good.
    package static let schema = [
        """
        CREATE TABLE IF NOT EXISTS journal (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            id BLOB NOT NULL,
            key BLOB NOT NULL,
            partition INTEGER NOT NULL,
            number INTEGER,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            time INTEGER NOT NULL,
            trace TEXT NOT NULL,
            data BLOB NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS journal_unnumbered ON journal (position) WHERE number IS NULL",
        "CREATE UNIQUE INDEX IF NOT EXISTS journal_number ON journal (partition, number) WHERE number IS NOT NULL",
        // One row per partition: the last number assigned, and the last number known to be in the log.
        """
        CREATE TABLE IF NOT EXISTS journal_cursor (
            partition INTEGER PRIMARY KEY,
            numbered INTEGER NOT NULL,
            published INTEGER NOT NULL
        ) STRICT
        """,
        Lease.schema,
    ]

    /// For the kit's second step: the code of each event and of its number, and which of its fields are personal.
    package static let codeSchema =
        codeColumns(of: "journal") + [
            // 1 if the relay has found that the row is not an event. The relay skips it from then on.
            "ALTER TABLE journal ADD COLUMN refused INTEGER NOT NULL DEFAULT 0",
            "DROP INDEX journal_unnumbered",
            "CREATE INDEX journal_unnumbered ON journal (position) WHERE number IS NULL AND refused = 0",
            // With these, events that lack codes are found quickly, however long the journal is. Both are empty at all
            // other times.
            "CREATE INDEX journal_uncoded ON journal (position) WHERE code IS NULL",
            "CREATE INDEX journal_number_uncoded ON journal (position) WHERE number_code IS NULL AND number > 0",
        ]

    /// The fingerprint of the secret that made the codes here: see ``EventCodes/fingerprint``.
    package static let codeKeySchema = """
        CREATE TABLE code_key (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            fingerprint BLOB NOT NULL
        ) STRICT
        """

    /// For the kit's fourth step, and for each later one that makes the index anew: finds the events of a few names,
    /// however long the journal is. A row of another name costs only the comparison when it is written.
    package static func auditSchema(_ names: [String]) -> [String] {
        guard !names.isEmpty else { return [] }
        return ["CREATE INDEX journal_audited ON journal (name, position) WHERE \(isAudited(names))"]
    }

    /// The condition of that index, with the names in their order. A statement uses the index only if it holds this very condition, with the names in
    /// it: with bound ones, no database could know that the index has all the rows.
    package static func isAudited(_ names: [String]) -> String {
        let isPlain = names.allSatisfy { $0.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") } }
        precondition(isPlain && !names.isEmpty, "names of events have small letters and hyphens")
        return "name IN (\(names.map { "'\($0)'" }.joined(separator: ", ")))"
    }

    /// Stores the fingerprint of the secret that makes the codes here, and refuses another secret: with it the relay
    /// would refuse every valid event.
    package func expectKey(in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO code_key (one, fingerprint) VALUES (1, \(codes.fingerprint)) ON CONFLICT (one) DO NOTHING
            """)
        let known: [UInt8]? = try transaction.value("SELECT fingerprint FROM code_key WHERE one = 1")
        guard known == codes.fingerprint else { throw ForeignCodes(topic: topic) }
    }

    /// The columns that a table of events needs for their codes.
    package static func codeColumns(of table: String) -> [String] {
        [
            "ALTER TABLE \(table) ADD COLUMN code BLOB",
            "ALTER TABLE \(table) ADD COLUMN number_code BLOB",
            "ALTER TABLE \(table) ADD COLUMN personal TEXT NOT NULL DEFAULT ''",
        ]
    }

    /// Writes an event. `id` is new, or derived from the event that caused this one.
    package func append<E: Event>(
        _ event: E, id: ID, at time: Instant, trace: String, in transaction: any Transaction
    ) throws {
        try append([(event, id)], at: time, trace: trace, in: transaction)
    }

    /// Writes several events of one type, in order.
    package func append<E: Event>(
        _ events: [(event: E, id: ID)], at time: Instant, trace: String, in transaction: any Transaction
    ) throws {
        let rows = try events.flatMap { try written($0.event, id: $0.id, at: time, trace: trace) }
        try transaction.send(Journal.insertion, rows: rows)
    }

    /// The ids of events that a publisher's journal also holds in an older version. Code that counts events counts
    /// those once.
    package static func toldTwice<E: Event>(_ type: E.Type, in transaction: any Transaction) throws -> Set<ID> {
        Set(
            try transaction.fetch(
                """
                SELECT id FROM journal WHERE name = \(E.name) AND version < \(E.version)
                INTERSECT SELECT id FROM journal WHERE name = \(E.name) AND version = \(E.version)
                """
            ).map { try $0(0) })
    }

    static let insertion = """
        INSERT INTO journal (id, key, partition, name, version, time, trace, data, code, personal)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    /// An event's row, followed by one for each older version that is still needed. The newest comes first: a consumer
    /// that takes both versions applies the newest, and sees the others as duplicates.
    func written<E: Event>(_ event: E, id: ID, at time: Instant, trace: String) throws -> [[Value]] {
        precondition(
            E.topic == topic || E.topic == .everyService, "\(E.name) belongs to \(E.topic), not \(topic)")
        let key = event.key
        let trace = trace.beginning(bytes: Envelope.longestTrace)
        func row(_ version: Int, _ data: [UInt8]) -> [Value] {
            let envelope = codes.written(
                Envelope(
                    id: id, topic: topic.name, name: E.name, version: version, key: key, time: time, trace: trace,
                    data: data, partition: key.partition(of: Topic.partitions)))
            return [
                id.stored, key.stored, envelope.partition.stored, .text(E.name), version.stored, time.stored,
                .text(trace), .blob(data), envelope.code.stored, .text(envelope.personal),
            ]
        }
        var rows = [row(E.version, try event.data())]
        guard !alsoAs.isEmpty else { return rows }
        for older in E.older where alsoAs.contains(older.type) {
            rows.append(row(older.version, try older.downcast(event)))
        }
        return rows
    }
}

/// The codes of a service's events were made with another secret.
package struct ForeignCodes: Error, CustomStringConvertible {
    let topic: Topic

    package var description: String {
        "the secret is not this installation's: the codes of \(topic)'s events were made with another. Put the right one "
            + "back (secret, secret-file)"
    }
}
