import Storage
import Values

/// One imported file and its progress (X19).
package struct ImportRun: Sendable, Hashable {
    package enum State: Int64, Sendable, Storable {
        /// The people named in the file are being looked up.
        case people = 0
        /// Its lines are being made into tasks.
        case tasks = 1
        case done = 2
        /// An admin stopped it; tasks created before that stay.
        case stopped = 3
        /// Something in the file could not be imported; ``ImportRun/trouble`` says what.
        case failed = 4

        package var stored: Value { .integer(rawValue) }
        package static func restored(from value: Value) throws -> State {
            guard case .integer(let number) = value, let state = State(rawValue: number) else {
                throw StorageError.decoding("no state of an import: \(value)")
            }
            return state
        }

        package var word: String {
            switch self {
            case .people: "people"
            case .tasks: "tasks"
            case .done: "done"
            case .stopped: "stopped"
            case .failed: "failed"
            }
        }

        package var isOver: Bool { self != .people && self != .tasks }
    }

    package let position: Int64
    package let id: ID
    package let state: State
    package let name: String
    package let startedBy: ID
    package let startedByName: String
    package let startedAt: Instant
    package let endedAt: Instant?
    /// The person who stopped it.
    package let endedByName: String?
    /// Why it failed, in the program's words.
    package let trouble: String?
    package let size: Int
    package let place: ImportParser.Place
    package let lines: Int
    package let created: Int
    /// Lines that had a task already.
    package let repeated: Int
    package let rejected: Int
    let format: ImportFormat
    let trace: String

    static let columns: SQL = """
        i.position, i.id, i.state, i.name, i.started_by, COALESCE(p.name, ''), i.started_at, i.ended_at, i.size,
        i.reached, i.line, i.skipping, i.lines, i.created, i.repeated, i.rejected, i.format, i.columns, i.trace,
        e.name, i.trouble
        """
    static let source: SQL = """
        FROM import_run i LEFT JOIN directory_person p ON p.id = i.started_by
        LEFT JOIN directory_person e ON e.id = i.ended_by
        """

    init(_ row: Row) throws {
        position = try row(0)
        id = try row(1)
        state = try row(2)
        name = try row(3)
        startedBy = try row(4)
        startedByName = try row(5)
        startedAt = try row(6)
        endedAt = try row(7)
        size = try row(8)
        place = ImportParser.Place(offset: try row(9), line: try row(10), skipping: try row(11))
        lines = try row(12)
        created = try row(13)
        repeated = try row(14)
        rejected = try row(15)
        guard let format = ImportFormat(kind: try row(16), columns: try row(17)) else {
            throw StorageError.corrupt("import \(id) has an unknown format")
        }
        self.format = format
        trace = try row(18)
        endedByName = try row(19)
        trouble = try row(20)
    }
}
