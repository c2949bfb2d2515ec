import Contracts
import Messaging
import Storage
import Values
import Web

/// Creates tasks. Each gets its assignee in the transaction that makes it (X12).
struct CreateTasks {
    let journal: Journal

    /// Creates one task and returns it, without the names of its people: nothing is read back.
    /// - Throws: a 409 problem if nobody is eligible; then no task is created.
    func one(
        title: String, jiraID: String?, description: String?, creator: ID, _ environment: Environment, trace: String,
        in transaction: any Transaction
    ) throws -> TaskRecord {
        let draft = TaskDraft(
            id: environment.newID(), title: try TaskTitle.parse(title, jiraID: jiraID),
            description: try TextRule.description(description), creator: creator)
        let now = environment.now()
        guard
            let assignee = try many([draft], environment, at: now, trace: trace, in: transaction)?.first
        else { throw Problem.conflict("task.nobody") }
        return TaskRecord(draft, assignee: assignee, at: now)
    }

    /// Creates the drafts, in their order, and returns whom each was dealt to. If nobody is eligible, creates nothing
    /// and returns `nil`.
    func many(
        _ drafts: [TaskDraft], _ environment: Environment, at now: Instant, trace: String,
        in transaction: any Transaction
    ) throws -> [ID]? {
        guard let assignees = try Eligible.draw(drafts.count, environment, in: transaction) else { return nil }
        try transaction.send(
            """
            INSERT INTO task (id, title, jira_id, description, status, assignee, creator, created_at, assigned_at, \
            typed_at, import, revision) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, 1)
            """,
            rows: zip(drafts, assignees).map { draft, assignee in
                [
                    draft.id.stored, draft.title.title.stored, (draft.title.jiraID?.text).stored,
                    draft.description.stored, assignee.stored, draft.creator.stored, now.stored, now.stored,
                    draft.typedAt.stored, draft.importNumber.stored,
                ]
            })
        try SearchIndex.add(
            drafts.map { ($0.id, $0.title.title, $0.title.jiraID?.text, $0.description) }, in: transaction)
        try transaction.send(
            "INSERT INTO task_history (task, revision, kind, person, actor, at) VALUES (?, 1, 1, ?, ?, ?)",
            rows: zip(drafts, assignees).map { draft, assignee in
                [draft.id.stored, assignee.stored, draft.creator.stored, now.stored]
            })
        try journal.append(
            zip(drafts, assignees).map { draft, assignee in
                (
                    event: TaskCreated(
                        task: draft.id, title: draft.title.title, jiraID: draft.title.jiraID?.text,
                        description: draft.description, assignee: assignee, creator: draft.creator, time: now),
                    id: environment.newID()
                )
            }, at: now, trace: trace, in: transaction)
        return assignees
    }
}
