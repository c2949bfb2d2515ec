import Values
import Web

private let taskField = Schema.Field("task", .id, "The task; the event's key")
private let titleField = Schema.Field("title", .string, "As it was, without the id of a ticket")
private let jiraField = Schema.Field("jira_id", .optional(.string), "The ticket that it belongs to: POP-42")
private let timeField = Schema.Field("time", .instant, "When it happened")

extension TaskCreated: Contract {
    package static let about = "A task came to be, and was dealt to somebody"
    package static let keyField = "task"
    package static let fields: [Schema.Field] = [
        taskField, titleField, jiraField,
        Schema.Field("description", .optional(.string), "What there is to do; may have several lines"),
        Schema.Field("assignee", .id, "Whom it was dealt to"),
        Schema.Field("creator", .id, "Who created it"), timeField,
    ]
    package static var example: TaskCreated {
        TaskCreated(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", description: "Twice", assignee: Examples.emma,
            creator: Examples.leo, time: Examples.time)
    }
}

extension TaskCreatedV1: Contract {
    package static let about = "A task came to be: as it was first told, with the ticket's id in the title"
    package static let keyField = "task"
    package static let fields: [Schema.Field] = [
        taskField, Schema.Field("title", .string, "As people type it: [POP-42] - Feed the cat"),
        Schema.Field("description", .optional(.string), "What there is to do; may have several lines"),
        Schema.Field("assignee", .id, "Whom it was dealt to"),
        Schema.Field("creator", .id, "Who created it"), timeField,
    ]
    package static var example: TaskCreatedV1 { TaskCreatedV1(TaskCreated.example) }
}

extension TaskReassigned: Contract {
    package static let about = "A task was dealt to somebody else"
    package static let keyField = "task"
    package static let fields: [Schema.Field] = [
        taskField, titleField, jiraField, Schema.Field("old_assignee", .id, "Who had it"),
        Schema.Field("new_assignee", .id, "Who has it now: somebody else"),
        Schema.Field("reassignment", .id, "The press of \"Reassign all\" that it belongs to"), timeField,
    ]
    package static var example: TaskReassigned {
        TaskReassigned(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", oldAssignee: Examples.emma,
            newAssignee: Examples.abe, reassignment: Examples.other, time: Examples.time)
    }
}

extension TaskCompleted: Contract {
    package static let about = "Its assignee completed a task"
    package static let keyField = "task"
    package static let fields: [Schema.Field] = [
        taskField, titleField, jiraField, Schema.Field("assignee", .id, "Who completed it"), timeField,
    ]
    package static var example: TaskCompleted {
        TaskCompleted(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", assignee: Examples.emma, time: Examples.time)
    }
}
