import Storage
import Values

/// A rebuild makes a new generation of figures from the event log (X33).
///
/// It begins by storing, for each partition, the last event that the figures hold. From then on, new events are added
/// to both generations, and the rebuild reads the log from the beginning up to the stored events. It never has to catch
/// up: figures do not depend on the order, so the new generation is complete when that part is read. Then both
/// generations are summed up in one snapshot (``Digest``), and the new one replaces the old one in one transaction.
struct Rebuild: Sendable {
    enum State: String, Sendable, Storable {
        case running, stopped, done
        /// Abandoned: what it had built is deleted.
        case abandoned

        var stored: Value { .text(rawValue) }
        static func restored(from value: Value) throws -> State {
            guard case .text(let text) = value, let state = State(rawValue: text) else {
                throw StorageError.decoding("a column held \(value), and the state of a rebuild was asked for")
            }
            return state
        }
    }

    let generation: Int
    let id: ID
    let state: State
    let askedBy: ID
    let askedAt: Instant
    /// How many events it has read.
    let reached: Int64
    /// How many events it has to read.
    let total: Int64
    let endedAt: Instant?
    /// The digests of the old and the new figures, taken at the same moment.
    let digestBefore: String?
    let digestAfter: String?
    /// Whether the figures that it replaced, or had built before it was abandoned, are deleted.
    let isSwept: Bool

    var isOver: Bool { state == .done || state == .abandoned }
    var percent: Int { total == 0 ? 100 : Int(min(100, reached * 100 / total)) }
    /// Whether the figures were equal to those made from the log.
    var isSame: Bool { digestBefore != nil && digestBefore == digestAfter }

    private static let columns = SQL(
        "generation, id, state, asked_by, asked_at, reached, total, ended_at, digest_before, digest_after, swept")

    private init(_ row: Row) throws {
        generation = try row(0)
        id = try row(1)
        state = try row(2)
        askedBy = try row(3)
        askedAt = try row(4)
        reached = try row(5)
        total = try row(6)
        endedAt = try row(7)
        digestBefore = try row(8)
        digestAfter = try row(9)
        isSwept = try row(10)
    }

    static func one(_ id: ID, in transaction: any Transaction) throws -> Rebuild? {
        try transaction.fetchOne("SELECT \(columns) FROM rebuild WHERE id = \(id)").map(Rebuild.init)
    }

    /// The number of the next generation: no generation has it, and no abandoned one had it.
    static func nextGeneration(after current: Int, in transaction: any Transaction) throws -> Int {
        let last: Int? = try transaction.value("SELECT generation FROM rebuild ORDER BY generation DESC LIMIT 1")
        return max(current, last ?? 0) + 1
    }

    static func of(_ generation: Int, in transaction: any Transaction) throws -> Rebuild? {
        try transaction.fetchOne("SELECT \(columns) FROM rebuild WHERE generation = \(generation)").map(Rebuild.init)
    }

    /// The oldest rebuild that still needs work.
    static func open(in transaction: any Transaction) throws -> Rebuild? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM rebuild WHERE swept = 0 ORDER BY generation LIMIT 1"
        ).map(Rebuild.init)
    }

    /// The latest rebuilds first.
    static func list(before generation: Int?, limit: Int, in transaction: any Transaction) throws -> [Rebuild] {
        try transaction.fetch(
            """
            SELECT \(columns) FROM rebuild WHERE generation < \(generation ?? Int.max)
            ORDER BY generation DESC LIMIT \(limit)
            """
        ).map(Rebuild.init)
    }
}

/// How far a rebuild has read one partition, and up to where it reads.
struct RebuildPosition: Hashable, Sendable {
    let partition: Int
    var number: Int64
    let last: Int64

    var isReached: Bool { number >= last }

    static func all(of generation: Int, in transaction: any Transaction) throws -> [RebuildPosition] {
        try transaction.fetch(
            """
            SELECT partition, number, last FROM rebuild_position WHERE generation = \(generation) ORDER BY partition
            """
        ).map { RebuildPosition(partition: try $0(0), number: try $0(1), last: try $0(2)) }
    }
}
