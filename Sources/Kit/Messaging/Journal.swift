import Foundation
import Storage
import Values

/// A service's transactional outbox: events are written here in the transaction of the change that they tell of (X40),
/// and kept. The ``Relay`` numbers them and carries them to the event log.
package struct Journal: Sendable {
    package let topic: Topic

    package init(topic: Topic) {
        self.topic = topic
    }

    /// The tables, for a service's first migration. `number` is empty until the relay has given it, once and for good.
    package static let schema = [
        """
        CREATE TABLE journal (
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
        "CREATE INDEX journal_unnumbered ON journal (position) WHERE number IS NULL",
        "CREATE UNIQUE INDEX journal_number ON journal (partition, number) WHERE number IS NOT NULL",
        // One row a partition: the last number given, and the last one known to be in the log.
        """
        CREATE TABLE journal_cursor (
            partition INTEGER PRIMARY KEY,
            numbered INTEGER NOT NULL,
            published INTEGER NOT NULL
        ) STRICT
        """,
        Lease.schema,
    ]

    /// Writes an event. `id` is new, or derived from the event that this one follows from.
    package func append<E: Event>(
        _ event: E, id: ID, at time: Instant, trace: String, in transaction: any Transaction
    ) throws {
        try append([(event, id)], at: time, trace: trace, in: transaction)
    }

    /// Writes several events of one type, in their order.
    package func append<E: Event>(
        _ events: [(event: E, id: ID)], at time: Instant, trace: String, in transaction: any Transaction
    ) throws {
        precondition(E.topic == topic, "\(E.name) belongs to \(E.topic), not \(topic)")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rows = try events.map { event, id -> [Value] in
            let key = event.key
            return [
                id.stored, key.stored, key.partition(of: Topic.partitions).stored, .text(E.name), E.version.stored,
                time.stored, .text(trace), .blob([UInt8](try encoder.encode(event))),
            ]
        }
        try transaction.send(
            "INSERT INTO journal (id, key, partition, name, version, time, trace, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows: rows)
    }
}
