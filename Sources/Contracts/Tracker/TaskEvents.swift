import Messaging
import Values

extension Topic {
    package static let tracker = Topic("tracker")
}

/// A task was created, with its assignee (X12, X51). Version 1 is ``TaskCreatedV1``.
package struct TaskCreated: Sendable {
    package static let topic = Topic.tracker
    package static let name = "task-created"
    package static let version = 2
    package static let older = [
        OlderVersion<TaskCreated>(
            TaskCreatedV1.self, upcast: { TaskCreated($0) }, downcast: { TaskCreatedV1($0) })
    ]

    package let task: ID
    package let title: String
    package let jiraID: String?
    package let description: String?
    package let assignee: ID
    package let creator: ID
    package let time: Instant
    package var key: ID { task }

    package init(
        task: ID, title: String, jiraID: String?, description: String?, assignee: ID, creator: ID, time: Instant
    ) {
        self.task = task
        self.title = title
        self.jiraID = jiraID
        self.description = description
        self.assignee = assignee
        self.creator = creator
        self.time = time
    }
}

/// A task was assigned to somebody else (X14, X15, X51).
package struct TaskReassigned: Sendable {
    package static let topic = Topic.tracker
    package static let name = "task-reassigned"
    package static let version = 1

    package let task: ID
    package let title: String
    package let jiraID: String?
    package let oldAssignee: ID
    package let newAssignee: ID
    /// The press of "Reassign all" that it belongs to.
    package let reassignment: ID
    package let time: Instant
    package var key: ID { task }

    package init(
        task: ID, title: String, jiraID: String?, oldAssignee: ID, newAssignee: ID, reassignment: ID, time: Instant
    ) {
        self.task = task
        self.title = title
        self.jiraID = jiraID
        self.oldAssignee = oldAssignee
        self.newAssignee = newAssignee
        self.reassignment = reassignment
        self.time = time
    }
}

/// Its assignee completed a task (X16, X51).
package struct TaskCompleted: Sendable {
    package static let topic = Topic.tracker
    package static let name = "task-completed"
    package static let version = 1

    package let task: ID
    package let title: String
    package let jiraID: String?
    package let assignee: ID
    package let time: Instant
    package var key: ID { task }

    package init(task: ID, title: String, jiraID: String?, assignee: ID, time: Instant) {
        self.task = task
        self.title = title
        self.jiraID = jiraID
        self.assignee = assignee
        self.time = time
    }
}
