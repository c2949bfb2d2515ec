import Storage
import Values

/// Presses of "Reassign all", newest first.
enum Reassignments {
    static func list(before cursor: Int64?, limit: Int, in transaction: any Transaction) throws -> [Reassignment] {
        try transaction.fetch(
            """
            SELECT \(Reassignment.columns) \(Reassignment.source) WHERE r.position < \(cursor ?? .max)
            ORDER BY r.position DESC LIMIT \(limit)
            """
        ).map { try Reassignment($0) }
    }

    static func one(_ id: ID, in transaction: any Transaction) throws -> Reassignment? {
        try transaction.fetchOne("SELECT \(Reassignment.columns) \(Reassignment.source) WHERE r.id = \(id)")
            .map { try Reassignment($0) }
    }

    /// The oldest press that is not finished: presses are worked on one after another.
    static func current(in transaction: any Transaction) throws -> Reassignment? {
        for state in [Reassignment.State.running, .waiting] {
            if let row = try transaction.fetchOne(
                """
                SELECT \(Reassignment.columns) \(Reassignment.source) WHERE r.state = \(state)
                ORDER BY r.position LIMIT 1
                """)
            {
                return try Reassignment(row)
            }
        }
        return nil
    }
}
