import Schemas
import Values

extension TaskRecord {
    /// A task, as programs see it.
    static let resource = Resource<TaskRecord>("Task") {
        Field("id", \.id, "The task")
        Field("title", \.title, "Its title, without the ticket's id")
        Field("jira_id", \.jiraID, "The ticket's id, like POP-42")
        Field("description", \.description, "More about it")
        Field("status", \.status.word, .choice(["open", "done"]), "Where it stands")
        Field("assignee", \.assignee, "Whom it is dealt to")
        Field("creator", \.creator, "Who created it")
        Field("created_at", \.createdAt, "When it was created here")
        Field("assigned_at", \.assignedAt, "When it was last dealt to somebody else")
        Field("completed_at", \.completedAt, "When it was completed")
        Field("typed_at", \.typedAt, "The time of creation in the file that it was imported from")
        Field("revision", \.revision, .integer(1...Int64.max), "How many changes it has had")
    }
}

extension TaskChange {
    /// A change of a task, as programs see it.
    static let resource = Resource<TaskChange>("TaskChange") {
        Field("revision", \.revision, .integer(1...Int64.max), "Counts the task's changes")
        Field("kind", \.kind.word, .choice(["created", "reassigned", "completed"]), "What happened")
        Field("person", \.person, "The assignee after it")
        Field("former", \.former, "The assignee before a reassignment")
        Field("actor", \.actor, "Who did it")
        Field("reassignment", \.reassignment, "The reassignment that it was part of")
        Field("at", \.at, "When")
    }
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
