import Directory
import Messaging
import Schemas
import Values

extension TaskCreated: Contract {
    package static let about = "A task came to be, and was dealt to somebody"
    package static let keyField = "task"
    package static let shape = Shape("TaskCreated", TaskCreated.init) {
        Field("task", \.task, "The task; the event's key")
        Field("title", \.title, "As it was, without the id of a ticket")
        Field("jira_id", \.jiraID, "The ticket that it belongs to: POP-42")
        Field("description", \.description, "What there is to do; may have several lines")
        Field("assignee", \.assignee, "Whom it was dealt to")
        Field("creator", \.creator, "Who created it")
        Field("time", \.time, "When it happened")
    }
    package static var example: TaskCreated {
        TaskCreated(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", description: "Twice", assignee: Examples.emma,
            creator: Examples.leo, time: Examples.time)
    }
}

extension TaskCreatedV1: Contract {
    package static let about = "A task came to be: as it was first told, with the ticket's id in the title"
    package static let keyField = "task"
    package static let shape = Shape("TaskCreatedV1", TaskCreatedV1.init) {
        Field("task", \.task, "The task; the event's key")
        Field("title", \.title, "As people type it: [POP-42] - Feed the cat")
        Field("description", \.description, "What there is to do; may have several lines")
        Field("assignee", \.assignee, "Whom it was dealt to")
        Field("creator", \.creator, "Who created it")
        Field("time", \.time, "When it happened")
    }
    package static var example: TaskCreatedV1 { TaskCreatedV1(TaskCreated.example) }
}

extension TaskReassigned: Contract {
    package static let about = "A task was dealt to somebody else"
    package static let keyField = "task"
    package static let shape = Shape("TaskReassigned", TaskReassigned.init) {
        Field("task", \.task, "The task; the event's key")
        Field("title", \.title, "As it was, without the id of a ticket")
        Field("jira_id", \.jiraID, "The ticket that it belongs to: POP-42")
        Field("old_assignee", \.oldAssignee, "Who had it")
        Field("new_assignee", \.newAssignee, "Who has it now: somebody else")
        Field("reassignment", \.reassignment, "The press of \"Reassign all\" that it belongs to")
        Field("time", \.time, "When it happened")
    }
    package static var example: TaskReassigned {
        TaskReassigned(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", oldAssignee: Examples.emma,
            newAssignee: Examples.abe, reassignment: Examples.other, time: Examples.time)
    }
}

extension TaskCompleted: Contract {
    package static let about = "Its assignee completed a task"
    package static let keyField = "task"
    package static let shape = Shape("TaskCompleted", TaskCompleted.init) {
        Field("task", \.task, "The task; the event's key")
        Field("title", \.title, "As it was, without the id of a ticket")
        Field("jira_id", \.jiraID, "The ticket that it belongs to: POP-42")
        Field("assignee", \.assignee, "Who completed it")
        Field("time", \.time, "When it happened")
    }
    package static var example: TaskCompleted {
        TaskCompleted(
            task: Examples.task, title: "Feed the cat", jiraID: "POP-42", assignee: Examples.emma, time: Examples.time)
    }
}
