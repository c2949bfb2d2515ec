import Values
import Web

/// A task as JSON.
struct TaskView: Encodable, Sendable {
    let id: ID
    let title: String
    let jira_id: String?
    let description: String?
    let status: String
    let assignee: ID
    let creator: ID
    let created_at: Instant
    let assigned_at: Instant
    let completed_at: Instant?
    let typed_at: Instant?
    let revision: Int

    init(_ task: TaskRecord) {
        id = task.id
        title = task.title
        jira_id = task.jiraID
        description = task.description
        status = task.status.word
        assignee = task.assignee
        creator = task.creator
        created_at = task.createdAt
        assigned_at = task.assignedAt
        completed_at = task.completedAt
        typed_at = task.typedAt
        revision = task.revision
    }

    static let schema = Schema.object(
        "Task",
        [
            .init("id", .id, "The task"),
            .init("title", .string, "Its title, without the ticket's id"),
            .init("jira_id", .optional(.string), "The ticket's id, like POP-42"),
            .init("description", .optional(.string), "More about it"),
            .init("status", .choice(["open", "done"]), "Where it stands"),
            .init("assignee", .id, "Whom it is dealt to"),
            .init("creator", .id, "Who created it"),
            .init("created_at", .instant, "When it was created here"),
            .init("assigned_at", .instant, "When it was last dealt to somebody else"),
            .init("completed_at", .optional(.instant), "When it was completed"),
            .init("typed_at", .optional(.instant), "The time of creation in the file that it was imported from"),
            .init("revision", .integer(1...Int64.max), "How many changes it has had"),
        ])
}

/// A change of a task as JSON.
struct ChangeView: Encodable, Sendable {
    let revision: Int
    let kind: String
    let person: ID
    let former: ID?
    let actor: ID
    let reassignment: ID?
    let at: Instant

    init(_ change: TaskChange) {
        revision = change.revision
        kind = change.kind.word
        person = change.person
        former = change.former
        actor = change.actor
        reassignment = change.reassignment
        at = change.at
    }

    static let schema = Schema.object(
        "TaskChange",
        [
            .init("revision", .integer(1...Int64.max), "Counts the task's changes"),
            .init("kind", .choice(["created", "reassigned", "completed"]), "What happened"),
            .init("person", .id, "The assignee after it"),
            .init("former", .optional(.id), "The assignee before a reassignment"),
            .init("actor", .id, "Who did it"),
            .init("reassignment", .optional(.id), "The reassignment that it was part of"),
            .init("at", .instant, "When"),
        ])
}

extension TaskChange.Kind {
    var word: String {
        switch self {
        case .created: "created"
        case .reassigned: "reassigned"
        case .completed: "completed"
        }
    }
}
