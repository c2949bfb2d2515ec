import Messaging
import Storage
import Synchronization
import Values

/// The event log of the embedded shape: one SQLite file beside those of the services. Publications of several relays at
/// the same time share a commit, as all writes of a database do. They are durable when `publish` returns.
package final class SQLiteEventLog: EventLog {
    /// The database in which the log is stored.
    package let database: any Database
    package let codes: EventCodes
    private let state = Mutex(State())

    private struct State {
        var topics: [Topic: Int64] = [:]
        /// One signal for each topic, which moves when the topic does.
        var signals: [Topic: Signal] = [:]
    }

    /// A log in the file of this database; the log creates and upgrades the schema. The log closes the database.
    package init(_ database: any Database, codes: EventCodes, now: Instant) throws {
        self.database = database
        self.codes = codes
        try database.migrate(SQLiteEventLog.migrations(codes), now: now)
    }

    /// Opens the file, or makes it.
    package convenience init(path: String, codes: EventCodes, now: Instant, readers: Int = 2) throws {
        try self.init(SQLiteDatabase(path: path, name: "events", readers: readers), codes: codes, now: now)
    }

    /// A log in memory, gone when it is closed.
    package static func memory(codes: EventCodes, now: Instant) throws -> SQLiteEventLog {
        try SQLiteEventLog(SQLiteDatabase.memory(name: "events"), codes: codes, now: now)
    }

    package func close() {
        database.close()
        let signals = state.withLock { Array($0.signals.values) }
        for signal in signals { signal.end() }
    }

    /// The last step of the log's schema that this program knows.
    package static let schema = steps.count + 1
    /// The step in which events got codes.
    package static let codedSince = 2

    private static let steps = [
        Migration(
            1, "events",
            [
                "CREATE TABLE topic (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
                // The position is the order of arrival, and only a hint: the number decides.
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

    private static func migrations(_ codes: EventCodes) -> [Migration] {
        steps + [
            Migration(
                codedSince, "codes of events",
                Journal.codeColumns(of: "event") + [
                    // This index is empty except during this step, and while older processes write into a log that they
                    // share.
                    "CREATE INDEX event_uncoded ON event (position) WHERE code IS NULL"
                ],
                then: { transaction in
                    var last = Int64.min
                    while let next = try giveCodes(codes, after: last, in: transaction) { last = next }
                })
        ]
    }

    /// Gives codes to events that were written before codes existed, one batch per call. Returns the last position;
    /// `nil` at the end.
    private static func giveCodes(
        _ codes: EventCodes, after position: Int64, in transaction: any Transaction
    ) throws -> Int64? {
        let slice = 1000
        let rows = try transaction.fetch(
            """
            SELECT \(Envelope.journalColumns), position, (SELECT t.name FROM topic t WHERE t.id = event.topic)
            FROM event WHERE code IS NULL AND position > \(position) ORDER BY position LIMIT \(slice)
            """)
        let place = Envelope.journalColumnCount
        guard !rows.isEmpty else { return nil }
        try transaction.send(
            "UPDATE event SET code = ?, number_code = ?, personal = ? WHERE position = ?",
            rows: rows.map { row in
                let envelope = codes.given(to: try Envelope(journalRow: row, topic: Topic(try row(place + 1))))
                return [
                    envelope.code.stored, envelope.numberCode.stored, .text(envelope.personal), row.values[place],
                ]
            })
        return try rows.last.map { try $0(place) }
    }

    /// If another row has this event's number, the row is replaced as if this event had just arrived: somebody else has
    /// written that row, or changed the event.
    private static let insertion = """
        INSERT INTO event (topic, partition, number, id, key, name, version, time, trace, data, code, number_code,
            personal)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (topic, partition, number) DO UPDATE SET position = (SELECT MAX(position) + 1 FROM event),
            id = excluded.id, key = excluded.key, name = excluded.name, version = excluded.version,
            time = excluded.time, trace = excluded.trace, data = excluded.data, code = excluded.code,
            number_code = excluded.number_code, personal = excluded.personal
        WHERE (event.id, event.key, event.name, event.version, event.time, event.trace, event.data, event.code,
                event.number_code, event.personal)
            IS NOT (excluded.id, excluded.key, excluded.name, excluded.version, excluded.time, excluded.trace,
                excluded.data, excluded.code, excluded.number_code, excluded.personal)
        """

    package func publish(_ envelopes: [Envelope], to topic: Topic) throws {
        let id = try number(of: topic)
        try database.write { transaction in
            try transaction.send(
                SQLiteEventLog.insertion,
                rows: envelopes.map { envelope in
                    [
                        .integer(id), envelope.partition.stored, .integer(envelope.number), envelope.id.stored,
                        envelope.key.stored, .text(envelope.name), envelope.version.stored, envelope.time.stored,
                        .text(envelope.trace), .blob(envelope.data), envelope.code.stored, envelope.numberCode.stored,
                        .text(envelope.personal),
                    ]
                })
        }
        signal(of: topic).note()
    }

    package func tail(of topic: Topic, partition: Int) throws -> Int64 {
        let (id, codes) = (try number(of: topic), codes)
        return try database.read { transaction in
            var below = Int64.max
            while true {
                // Nearly always the last row is an event.
                let count = below == .max ? 1 : 100
                let last = try transaction.fetch(
                    """
                    SELECT \(Envelope.journalColumns) FROM event
                    WHERE topic = \(id) AND partition = \(partition) AND number < \(below)
                    ORDER BY number DESC LIMIT \(count)
                    """)
                // A row that cannot even be read is no event either.
                let read = last.compactMap { try? Envelope(journalRow: $0, topic: topic) }
                if let right = read.first(where: { codes.accepts($0) }) { return right.number }
                guard last.count == count, let lowest = last.last else { return 0 }
                below = try lowest(Envelope.journalNumberColumn)
            }
        }
    }

    package func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        SQLiteEventReader(
            database: database, codes: codes, topic: topic, number: try number(of: topic), signal: signal(of: topic),
            after: numbers,
            position: try lastPosition())
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

    /// The number that stands for a topic in the file; assigned at the first use.
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
