import Messaging
import Schemas
import Values

/// Version 1 of ``TaskCreated``: the title as people type it, with the id in front of it.
package struct TaskCreatedV1: Sendable {
    package static let topic = Topic.tracker
    package static let name = "task-created"
    package static let version = 1

    package let task: ID
    /// `[POP-42] - Feed the cat`, `POP-42: Feed the cat`, or without an id.
    package let title: String
    package let description: String?
    package let assignee: ID
    package let creator: ID
    package let time: Instant
    package var key: ID { task }

    package init(task: ID, title: String, description: String?, assignee: ID, creator: ID, time: Instant) {
        self.task = task
        self.title = title
        self.description = description
        self.assignee = assignee
        self.creator = creator
        self.time = time
    }

    enum CodingKeys: String, CodingKey {
        case task, title, description, assignee, creator, time
    }

    package init(data: [UInt8]) throws {
        let event = try TaskCreatedV1.read(data)
        // Before there was a version for it, some programs put the id beside the title.
        let beside = try Beside.read(data).jiraID
        self.init(
            task: event.task, title: TypedTitle.joined(event.title, jiraID: beside), description: event.description,
            assignee: event.assignee, creator: event.creator, time: event.time)
    }

    private struct Beside: Sendable {
        let jiraID: String?

        static let shape = Shape("Beside", Beside.init) { Field("jira_id", \.jiraID, "The id") }

        static func read(_ data: [UInt8]) throws -> Beside { try shape.read(JSONText(data)) }
    }
}

extension TaskCreatedV1 {
    /// For consumers of version 1, while the Tracker writes version 2.
    init(_ newer: TaskCreated) {
        self.init(
            task: newer.task, title: TypedTitle.joined(newer.title, jiraID: newer.jiraID),
            description: newer.description, assignee: newer.assignee, creator: newer.creator, time: newer.time)
    }
}

extension TaskCreated {
    /// Reads an old event as a new one (X13). A title that would be empty without the id stays whole.
    init(_ older: TaskCreatedV1) {
        let typed = TypedTitle(older.title)
        let splits = !typed.rest.isEmpty
        self.init(
            task: older.task, title: splits ? Scalars.string(typed.rest[...]) : older.title,
            jiraID: splits ? typed.jiraID?.text : nil, description: older.description, assignee: older.assignee,
            creator: older.creator, time: older.time)
    }
}
