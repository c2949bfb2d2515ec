import Messaging
import Storage
import Values

/// Looking things up in a service's journal, which has no index but position and number, so that writing it stays quick:
/// every search looks at a bounded stretch, found by halving, and says where the next one begins.
struct JournalSearch: Sendable {
    let service: String

    private static let columns: SQL =
        "SELECT position, id, name, version, key, time, trace, partition, number, data, refused FROM journal"

    /// How many rows one search looks at.
    private static let stretch: Int64 = 20_000
    /// How many events of one request are shown.
    private static let mostRelated = 50

    private func event(_ row: Row) throws -> JournalEvent {
        JournalEvent(
            service: service, position: try row(0), id: try row(1), name: try row(2), version: try row(3),
            key: try row(4), time: try row(5), trace: try row(6), partition: try row(7), number: try row(8),
            isRefused: try row(10), data: String(decoding: try row(9, as: [UInt8].self), as: UTF8.self))
    }

    /// A stretch from the journal's end, or from where the last one ended.
    func newest(_ search: EventSearch, in transaction: any Transaction) throws -> EventStretch {
        let last: Int64 = try transaction.value("SELECT COALESCE(MAX(position), 0) FROM journal") ?? 0
        let limit = max(1, min(search.limit, 200))
        // A cursor is not signed: any number may stand in it.
        let start = max(0, min(search.before ?? .max, last + 1))
        let low = search.isNarrow ? max(0, start - Self.stretch) : 0
        var query: SQL = "\(Self.columns) WHERE position < \(start) AND position >= \(low)"
        if let name = search.name { query = "\(query) AND name = \(name)" }
        if let key = search.key { query = "\(query) AND key = \(key)" }
        let events = try transaction.fetch("\(query) ORDER BY position DESC LIMIT \(limit)").map(event)
        let isFull = events.count == limit
        return EventStretch(events: events, floor: isFull ? events.last?.position ?? 0 : low <= 1 ? 0 : low)
    }

    func event(_ place: EventPlace, in transaction: any Transaction) throws -> JournalEvent? {
        switch place {
        case .position(let position):
            try transaction.fetchOne("\(Self.columns) WHERE position = \(position)").map(event)
        case .number(let partition, let number):
            try transaction.fetchOne("\(Self.columns) WHERE partition = \(partition) AND number = \(number)").map(event)
        case .id(let id):
            // Ids begin with their time, so the search begins where rows of that time are.
            try search(
                from: Instant(milliseconds: Int64(id.high >> 16)), "id = \(id)", limit: 1, in: transaction
            ).first
        }
    }

    /// The events that a request set off, oldest first.
    func related(_ asked: TraceSearch, in transaction: any Transaction) throws -> [JournalEvent] {
        try search(from: asked.time, "trace = \(asked.trace)", limit: Self.mostRelated, in: transaction)
    }

    /// The rows that `condition` fits, of a stretch that begins a minute before `time`.
    private func search(
        from time: Instant, _ condition: SQL, limit: Int, in transaction: any Transaction
    ) throws -> [JournalEvent] {
        let start = try position(at: time.adding(seconds: -60), in: transaction)
        return try transaction.fetch(
            """
            \(Self.columns) WHERE position >= \(start) AND position < \(start + Self.stretch) AND \(condition)
            ORDER BY position LIMIT \(limit)
            """
        ).map(event)
    }

    /// The first position whose row is not older than `time`, as far as the clock ran forwards.
    func position(at time: Instant, in transaction: any Transaction) throws -> Int64 {
        var low: Int64 = 1
        var high = (try transaction.value("SELECT COALESCE(MAX(position), 0) FROM journal") ?? Int64(0)) + 1
        while low < high {
            let middle = low + (high - low) / 2
            let row = try transaction.fetchOne(
                "SELECT position, time FROM journal WHERE position >= \(middle) ORDER BY position LIMIT 1")
            guard let row, try row(1, as: Instant.self) < time else {
                high = middle
                continue
            }
            low = try row(0, as: Int64.self) + 1
        }
        return low
    }
}
