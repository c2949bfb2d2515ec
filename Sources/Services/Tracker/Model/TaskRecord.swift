import Contracts
import Storage
import Values

/// A task in its present state, with the names of its people if they were read.
package struct TaskRecord: Sendable, Hashable {
    /// Its place in the order of creation; 0 if it was created just now.
    package let position: Int64
    package let id: ID
    package let title: String
    package let jiraID: String?
    package let description: String?
    package let status: TaskStatus
    package let assignee: ID
    package let creator: ID
    package let createdAt: Instant
    package let assignedAt: Instant
    package let completedAt: Instant?
    /// The time of creation given in an imported line; only shown.
    package let typedAt: Instant?
    package let revision: Int
    /// Empty if the Directory does not know the person yet, or was not asked.
    package let assigneeName: String
    package let creatorName: String

    static let columns: SQL = """
        t.position, t.id, t.title, t.jira_id, t.description, t.status, t.assignee, t.creator, t.created_at,
        t.assigned_at, t.completed_at, t.typed_at, t.revision, COALESCE(a.name, ''), COALESCE(c.name, '')
        """
    static let people: SQL = """
        LEFT JOIN directory_person a ON a.id = t.assignee LEFT JOIN directory_person c ON c.id = t.creator
        """

    init(_ row: Row) throws {
        position = try row(0)
        id = try row(1)
        title = try row(2)
        jiraID = try row(3)
        description = try row(4)
        status = try row(5)
        assignee = try row(6)
        creator = try row(7)
        createdAt = try row(8)
        assignedAt = try row(9)
        completedAt = try row(10)
        typedAt = try row(11)
        revision = try row(12)
        assigneeName = try row(13)
        creatorName = try row(14)
    }

    /// A task that was created just now.
    init(_ draft: TaskDraft, assignee: ID, at now: Instant) {
        position = 0
        id = draft.id
        title = draft.title.title
        jiraID = draft.title.jiraID?.text
        description = draft.description
        status = .open
        self.assignee = assignee
        creator = draft.creator
        createdAt = now
        assignedAt = now
        completedAt = nil
        typedAt = draft.typedAt
        revision = 1
        assigneeName = ""
        creatorName = ""
    }
}
