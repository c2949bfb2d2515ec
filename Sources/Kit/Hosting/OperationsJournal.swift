import Messaging
import Storage
import Values
import Web

/// Looking things up in the services' journals, which have no index but position and number, so that writing them
/// stays quick: every search looks at a bounded stretch, found by halving, and says where the next one begins.
extension Operations {
    /// A row of a service's journal.
    struct Entry: Sendable {
        let source: String
        let position: Int64
        let id: ID
        let name: String
        let version: Int
        let key: ID
        let time: Instant
        let trace: String
        let partition: Int
        /// `nil` until the relay has given it.
        let number: Int64?
        /// The relay has found it to be no event: it has no right code.
        let isRefused: Bool
        let data: [UInt8]

        fileprivate init(_ row: Row, source: String) throws {
            self.source = source
            position = try row(0)
            id = try row(1)
            name = try row(2)
            version = try row(3)
            key = try row(4)
            time = try row(5)
            trace = try row(6)
            partition = try row(7)
            number = try row(8)
            isRefused = try row(10)
            data = try row(9)
        }
    }

    private static let columns: SQL =
        "SELECT position, id, name, version, key, time, trace, partition, number, data, refused FROM journal"

    /// How many rows of a journal one search looks at.
    static let stretch: Int64 = 20_000

    /// What a list of events is narrowed to.
    struct Filter: Sendable {
        var service: String?
        var name: String?
        var key: ID?
        var isNarrow: Bool { name != nil || key != nil }
    }

    /// Some of the newest events, newest first, and where the list goes on: for each service the position below which
    /// nothing has been shown yet (0: nothing is left).
    func events(
        _ filter: Filter, before: [Int64]?, limit: Int, _ transaction: any Transaction
    ) throws -> (entries: [Entry], next: [Int64]?) {
        var found: [[Entry]] = []
        var floors: [Int64] = []
        for (index, source) in sources.enumerated() {
            guard filter.service == nil || filter.service == source.name else {
                found.append([])
                floors.append(0)
                continue
            }
            let start = before?[index]
            let part = try read(source, transaction) { transaction in
                try Self.newest(source.name, filter, before: start, limit: limit, in: transaction)
            }
            found.append(part.entries)
            floors.append(part.floor)
        }
        let newest = found.flatMap(\.self).sorted { ($0.time, $0.position) > ($1.time, $1.position) }.prefix(limit)
        var next: [Int64] = []
        for (index, source) in sources.enumerated() {
            let shown = newest.filter { $0.source == source.name }
            // A service whose rows were not all shown goes on below the last that was; else below what was searched.
            let isWhole = shown.count == found[index].count
            next.append(isWhole ? floors[index] : shown.last?.position ?? before?[index] ?? Int64.max)
        }
        return (Array(newest), next.contains { $0 > 0 } ? next : nil)
    }

    /// A stretch of one journal from its end, and the position below which it was not searched.
    private static func newest(
        _ source: String, _ filter: Filter, before: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> (entries: [Entry], floor: Int64) {
        let last: Int64 = try transaction.value("SELECT COALESCE(MAX(position), 0) FROM journal") ?? 0
        let start = min(before ?? .max, last + 1)
        let low = filter.isNarrow ? max(0, start - stretch) : 0
        var query: SQL = "\(columns) WHERE position < \(start) AND position >= \(low)"
        if let name = filter.name { query = "\(query) AND name = \(name)" }
        if let key = filter.key { query = "\(query) AND key = \(key)" }
        let entries = try transaction.fetch("\(query) ORDER BY position DESC LIMIT \(limit)").map {
            try Entry($0, source: source)
        }
        let isFull = entries.count == limit
        return (entries, isFull ? entries.last?.position ?? 0 : low <= 1 ? 0 : low)
    }

    /// The row at a position.
    func entry(_ source: Source, _ position: Int64, _ transaction: any Transaction) throws -> Entry? {
        try read(source, transaction) { transaction in
            try transaction.fetchOne("\(Self.columns) WHERE position = \(position)").map {
                try Entry($0, source: source.name)
            }
        }
    }

    /// An event by its id, in whichever journal it is. Ids begin with their time, so the search begins where rows of
    /// that time are.
    func entry(_ id: ID, _ transaction: any Transaction) throws -> Entry? {
        let time = Instant(milliseconds: Int64(id.high >> 16))
        for source in sources {
            let found = try? read(source, transaction) { transaction in
                try Self.search(source.name, from: time, "id = \(id)", limit: 1, in: transaction)
            }
            if let entry = found?.first { return entry }
        }
        return nil
    }

    /// The events of every service that the same request set off, oldest first: at most 50 from each.
    func related(to entry: Entry, _ transaction: any Transaction) -> [Entry] {
        sources.flatMap { source -> [Entry] in
            // One that cannot be asked has nothing to show; the others' are still worth seeing.
            let found = try? read(source, transaction) { transaction in
                try Self.search(source.name, from: entry.time, "trace = \(entry.trace)", limit: 50, in: transaction)
            }
            return (found ?? []).filter { $0.id != entry.id }
        }.sorted { ($0.time, $0.position) < ($1.time, $1.position) }
    }

    /// The rows that `condition` fits, of a stretch that begins a minute before `time`.
    private static func search(
        _ source: String, from time: Instant, _ condition: SQL, limit: Int, in transaction: any Transaction
    ) throws -> [Entry] {
        let start = try position(at: time.adding(seconds: -60), in: transaction)
        return try transaction.fetch(
            """
            \(columns) WHERE position >= \(start) AND position < \(start + stretch) AND \(condition)
            ORDER BY position LIMIT \(limit)
            """
        ).map { try Entry($0, source: source) }
    }

    /// The first position whose row is not older than `time`, as far as the clock ran forwards.
    private static func position(at time: Instant, in transaction: any Transaction) throws -> Int64 {
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
