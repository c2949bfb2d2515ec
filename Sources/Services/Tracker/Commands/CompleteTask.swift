import Contracts
import Messaging
import Storage
import Values
import Web

/// Completing a task. Only its assignee can do it, while the task is open and assigned to them (X16).
struct CompleteTask {
    let journal: Journal

    /// Returns the task's title.
    @discardableResult
    func callAsFunction(
        _ task: ID, by person: ID, _ environment: Environment, trace: String, in transaction: any Transaction
    ) throws -> String {
        let now = environment.now()
        // The compare-and-set enforces the rule: of two changes at once, the second finds the task changed.
        guard
            let row = try transaction.fetchOne(
                """
                UPDATE task SET status = 1, completed_at = \(now), revision = revision + 1
                WHERE id = \(task) AND status = 0 AND assignee = \(person) RETURNING title, jira_id, revision
                """)
        else { throw try refusal(task, person, in: transaction) }
        try transaction.send(
            """
            INSERT INTO task_history (task, revision, kind, person, actor, at)
            VALUES (\(task), \(try row(2, as: Int.self)), 3, \(person), \(person), \(now))
            """)
        let title: String = try row(0)
        try journal.append(
            TaskCompleted(task: task, title: title, jiraID: try row(1), assignee: person, time: now),
            id: environment.newID(), at: now, trace: trace, in: transaction)
        return title
    }

    private func refusal(_ task: ID, _ person: ID, in transaction: any Transaction) throws -> Problem {
        guard let row = try transaction.fetchOne("SELECT status, assignee FROM task WHERE id = \(task)") else {
            return .notFound
        }
        let assignee: ID = try row(1)
        if assignee == person { return .conflict("task.done") }
        let held = try transaction.fetchOne(
            "SELECT revision FROM task_history WHERE task = \(task) AND person = \(person) LIMIT 1")
        return held == nil ? Problem(403, "task.not-yours") : .conflict("task.reassigned")
    }
}
