import Messaging
import Storage
import Synchronization
import Values

/// The event log of the embedded shape: one SQLite file beside the services'. What several relays publish at once
/// shares a commit, as all writes of a database do, and is durable when `publish` returns.
package final class SQLiteEventLog: EventLog {
    /// Where it is kept.
    package let database: any Database
    private let state = Mutex(State())

    private struct State {
        var topics: [Topic: Int64] = [:]
        /// Moves when the topic does.
        var signals: [Topic: Signal] = [:]
    }

    /// A log in a file of this database, whose schema it keeps. The log closes it.
    package init(_ database: any Database, now: Instant) throws {
        self.database = database
        try database.migrate(SQLiteEventLog.migrations, now: now)
    }

    /// Opens the file, or makes it.
    package convenience init(path: String, now: Instant, readers: Int = 2) throws {
        try self.init(SQLiteDatabase(path: path, name: "events", readers: readers), now: now)
    }

    /// A log in memory, gone when it is closed.
    package static func memory(now: Instant) throws -> SQLiteEventLog {
        try SQLiteEventLog(SQLiteDatabase.memory(name: "events"), now: now)
    }

    package func close() {
        database.close()
        let signals = state.withLock { Array($0.signals.values) }
        for signal in signals { signal.end() }
    }

    /// The last step of its schema that this program knows.
    package static var schema: Int { migrations.count }

    static let migrations = [
        Migration(
            1, "events",
            [
                "CREATE TABLE topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
                // The position is the order of arrival, and only a hint: the number is the truth.
                """
                CREATE TABLE event (
                    position INTEGER PRIMARY KEY,
                    topic INTEGER NOT NULL,
                    partition INTEGER NOT NULL,
                    number INTEGER NOT NULL,
                    id BLOB NOT NULL,
                    key BLOB NOT NULL,
                    name TEXT NOT NULL,
                    version INTEGER NOT NULL,
                    time INTEGER NOT NULL,
                    trace TEXT NOT NULL,
                    data BLOB NOT NULL
                ) STRICT
                """,
                "CREATE UNIQUE INDEX event_number ON event (topic, partition, number)",
                "CREATE INDEX event_topic ON event (topic, position)",
            ])
    ]

    package func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        let id = try number(of: topic)
        try database.write { transaction in
            try transaction.send(
                """
                INSERT INTO event (topic, partition, number, id, key, name, version, time, trace, data)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (topic, partition, number) DO NOTHING
                """,
                rows: envelopes.map { envelope in
                    [
                        .integer(id), envelope.partition.stored, .integer(envelope.number), envelope.id.stored,
                        envelope.key.stored, .text(envelope.name), envelope.version.stored, envelope.time.stored,
                        .text(envelope.trace), .blob(envelope.data),
                    ]
                })
        }
        signal(of: topic).note()
    }

    package func tail(of topic: Topic, partition: Int) throws -> Int64 {
        let id = try number(of: topic)
        return try database.read { transaction in
            try transaction.value(
                """
                SELECT number FROM event WHERE topic = \(id) AND partition = \(partition) ORDER BY number DESC LIMIT 1
                """)
        } ?? 0
    }

    package func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        SQLiteEventReader(
            database: database, topic: topic, number: try number(of: topic), signal: signal(of: topic), after: numbers,
            position: try lastPosition())
    }

    /// The last events of all topics, newest first; `before` is the last position of the page before.
    package func latest(before position: Int64 = .max, limit: Int) throws -> [(position: Int64, envelope: Envelope)] {
        try database.read { transaction in
            try transaction.fetch(
                """
                SELECT e.id, e.name, e.version, e.key, e.time, e.trace, e.data, e.partition, e.number, t.name, e.position
                FROM event e JOIN topic t ON t.id = e.topic WHERE e.position < \(position)
                ORDER BY e.position DESC LIMIT \(limit)
                """
            ).map { (try $0(10), try Envelope(logRow: $0, topic: Topic(try $0(9)))) }
        }
    }

    private func lastPosition() throws -> Int64 {
        try database.read { try $0.value("SELECT position FROM event ORDER BY position DESC LIMIT 1") } ?? 0
    }

    private func signal(of topic: Topic) -> Signal {
        state.withLock { state in
            if let signal = state.signals[topic] { return signal }
            let signal = Signal()
            state.signals[topic] = signal
            return signal
        }
    }

    /// The number that stands for a topic in the file; given at first.
    private func number(of topic: Topic) throws -> Int64 {
        if let known = state.withLock({ $0.topics[topic] }) { return known }
        let find: SQL = "SELECT id FROM topic WHERE name = \(topic.name)"
        let found = try database.read { try $0.value(find, as: Int64.self) }
        let id =
            try found
            ?? database.write { transaction in
                try transaction.send("INSERT INTO topic (name) VALUES (\(topic.name)) ON CONFLICT (name) DO NOTHING")
                guard let id: Int64 = try transaction.value(find) else {
                    throw StorageError.failed("the topic \(topic) has no row")
                }
                return id
            }
        state.withLock { $0.topics[topic] = id }
        return id
    }
}

extension Envelope {
    /// From the columns `id, name, version, key, time, trace, data, partition, number`.
    init(logRow row: Row, topic: Topic) throws {
        self.init(
            id: try row(0), topic: topic.name, name: try row(1), version: try row(2), key: try row(3), time: try row(4),
            trace: try row(5), data: try row(6), partition: try row(7), number: try row(8))
    }
}
