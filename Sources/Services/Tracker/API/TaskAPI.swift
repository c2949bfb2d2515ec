import Directory
import Schemas
import Storage
import Values
import Web

/// Tasks for programs.
struct TaskAPI {
    let create: CreateTasks
    let complete: CompleteTask

    var endpoints: [Endpoint] { [list, one, history, creation, completion, eligible] }

    private var list: Endpoint {
        .list(
            "/api/tasks", "Tasks, newest first; searched and filtered", access: .staff,
            query: [
                Parameter("q", .text(0...200), "Words that must all occur; the last may be the beginning of one"),
                Parameter("status", .choice(["open", "done"]), "Only these"),
                Parameter("assignee", .id, "Only this person's"),
            ], of: TaskRecord.resource
        ) { call, transaction in
            try TaskList.page(call.taskFilter(), before: call.after(), limit: call.limit(), in: transaction)
        }
    }

    private var one: Endpoint {
        .read("/api/tasks/{task}", "A task", access: .staff, gives: TaskRecord.resource) { call, transaction in
            try TaskList.one(call.id("task"), in: transaction)
        }
    }

    private var history: Endpoint {
        .read(
            "/api/tasks/{task}/history", "What happened to a task, oldest first; the newest 200 changes",
            access: .staff, givesAll: TaskChange.resource
        ) { call, transaction in
            let changes = try TaskHistory.of(call.id("task"), limit: 200, in: transaction)
            return changes.isEmpty ? nil : changes
        }
    }

    private var creation: Endpoint {
        .creation(
            "/api/tasks", "Create a task, which is dealt to a random eligible person", access: .staff,
            takes: NewTask.self, gives: TaskRecord.resource, bodyLimit: TextRule.bodyLimit
        ) { call, new, transaction in
            let task = try create.one(
                title: new.title, jiraID: new.jiraID, description: new.description, creator: call.person().id,
                call.environment, trace: call.trace, in: transaction)
            return Created(task, at: "/api/tasks/\(task.id)")
        }
    }

    private struct NewTask: Shaped {
        let title: String
        let jiraID: String?
        let description: String?

        static let shape = Shape("NewTask", NewTask.init) {
            Field("title", \.title, .text(0...2000), "1 to 200 characters; an id at the start is split off")
            Field("jira_id", \.jiraID, .optional(.text(0...100)), "An id of a ticket, like POP-42")
            Field("description", \.description, .optional(.text(0...10_000)), "More about it; line ends allowed")
        }
    }

    private var completion: Endpoint {
        .command(
            .post, "/api/tasks/{task}/completion", "Complete a task that is dealt to you", access: .staff,
            gives: TaskRecord.resource, status: 201
        ) { call, transaction in
            let id = try call.id("task")
            try complete(id, by: call.person().id, call.environment, trace: call.trace, in: transaction)
            guard let task = try TaskList.one(id, in: transaction) else { throw Problem.notFound }
            return task
        }
    }

    private struct EligiblePerson: Shown {
        let position: Int64
        let id: ID
        let name: String

        static let resource = Resource<EligiblePerson>("EligiblePerson") {
            Field("id", \.id, "The person")
            Field("name", \.name, "The person's name")
        }
    }

    private var eligible: Endpoint {
        .list(
            "/api/eligible", "Who may be dealt tasks now", access: .staff, of: EligiblePerson.resource
        ) { call, transaction in
            try call.page(by: \.position) { after, limit in
                try transaction.fetch(
                    """
                    SELECT e.position, e.person, COALESCE(p.name, '') FROM eligible e
                    LEFT JOIN directory_person p ON p.id = e.person
                    WHERE e.position > \(after ?? 0) ORDER BY e.position LIMIT \(limit)
                    """
                ).map { EligiblePerson(position: try $0(0), id: try $0(1), name: try $0(2)) }
            }
        }
    }
}
