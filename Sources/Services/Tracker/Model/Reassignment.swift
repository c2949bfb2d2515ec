import Storage
import Values

/// One press of "Reassign all" (X14).
package struct Reassignment: Sendable, Hashable {
    package enum State: Int64, Sendable, Storable {
        case waiting = 0
        case running = 1
        case done = 2
        /// The last eligible person became ineligible during the run. Tasks not reached keep their assignees.
        case nobodyEligible = 3

        package var stored: Value { .integer(rawValue) }
        package static func restored(from value: Value) throws -> State {
            guard case .integer(let number) = value, let state = State(rawValue: number) else {
                throw StorageError.decoding("no state of a reassignment: \(value)")
            }
            return state
        }

        package var word: String {
            switch self {
            case .waiting: "waiting"
            case .running: "running"
            case .done: "done"
            case .nobodyEligible: "nobody_eligible"
            }
        }
        package var isOver: Bool { self == .done || self == .nobodyEligible }
    }

    package let position: Int64
    package let id: ID
    package let state: State
    package let pressedBy: ID
    package let pressedByName: String
    package let pressedAt: Instant
    package let startedAt: Instant?
    package let endedAt: Instant?
    /// How many tasks were open when it began; 0 while it waits.
    package let total: Int
    /// How many tasks were drawn for so far, and how many of them got another assignee.
    package let dealt: Int
    package let moved: Int
    let through: Int64
    let reached: Int64
    let trace: String

    static let columns: SQL = """
        r.position, r.id, r.state, r.pressed_by, COALESCE(p.name, ''), r.pressed_at, r.started_at, r.ended_at,
        r.total, r.dealt, r.moved, r.through, r.reached, r.trace
        """
    static let source: SQL = "FROM reassignment r LEFT JOIN directory_person p ON p.id = r.pressed_by"

    init(_ row: Row) throws {
        position = try row(0)
        id = try row(1)
        state = try row(2)
        pressedBy = try row(3)
        pressedByName = try row(4)
        pressedAt = try row(5)
        startedAt = try row(6)
        endedAt = try row(7)
        total = try row(8)
        dealt = try row(9)
        moved = try row(10)
        through = try row(11)
        reached = try row(12)
        trace = try row(13)
    }
}
