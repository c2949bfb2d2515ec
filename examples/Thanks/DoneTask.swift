import Contracts
import Storage
import Values

/// A task that somebody completed, from Tracker's event.
struct DoneTask {
    let id: ID
    let title: String
    let person: ID

    /// The reaction: runs in the transaction that moves the checkpoint, so each event has its effect once.
    static func note(_ event: TaskCompleted, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO done_task (task, title, person) VALUES (\(event.task), \(event.title), \(event.assignee))
            ON CONFLICT (task) DO NOTHING
            """)
    }

    static func find(_ task: ID, in transaction: any Transaction) throws -> DoneTask? {
        try transaction.fetchOne("SELECT task, title, person FROM done_task WHERE task = \(task)").map {
            DoneTask(id: try $0(0), title: try $0(1), person: try $0(2))
        }
    }
}
