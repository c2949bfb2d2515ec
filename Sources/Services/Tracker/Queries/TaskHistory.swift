import Storage
import Values

/// What happened to a task (X18).
enum TaskHistory {
    /// The changes, oldest first; only the newest `limit` if there are more.
    static func of(_ task: ID, limit: Int, in transaction: any Transaction) throws -> [TaskChange] {
        try transaction.fetch(
            """
            SELECT h.revision, h.kind, h.person, h.former, h.actor, h.reassignment, h.at,
            COALESCE(p.name, ''), COALESCE(f.name, ''), COALESCE(a.name, '')
            FROM task_history h LEFT JOIN directory_person p ON p.id = h.person
            LEFT JOIN directory_person f ON f.id = h.former LEFT JOIN directory_person a ON a.id = h.actor
            WHERE h.task = \(task) ORDER BY h.revision DESC LIMIT \(limit)
            """
        ).reversed().map { row in
            guard let kind = TaskChange.Kind(rawValue: try row(1)) else {
                throw StorageError.corrupt("a change of task \(task) is of no known kind")
            }
            return TaskChange(
                revision: try row(0), kind: kind, person: try row(2), former: try row(3), actor: try row(4),
                reassignment: try row(5), at: try row(6), personName: try row(7), formerName: try row(8),
                actorName: try row(9))
        }
    }
}
