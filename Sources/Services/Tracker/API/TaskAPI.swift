import Directory
import Storage
import Values
import Web

/// Tasks for programs.
struct TaskAPI {
    let create: CreateTasks
    let complete: CompleteTask

    var endpoints: [Endpoint] { [list, one, history, creation, completion, eligible] }

    private var list: Endpoint {
        .read(
            "/api/tasks", "Tasks, newest first; searched and filtered", access: .staff,
            query: [
                Parameter("q", .text(0...200), "Words that must all occur; the last may be the beginning of one"),
                Parameter("status", .choice(["open", "done"]), "Only these"),
                Parameter("assignee", .id, "Only this person's"), .cursor, .limit,
            ], gives: .page(of: TaskView.schema)
        ) { call, transaction in
            let page = try TaskList.page(
                call.taskFilter(), before: call.position(), limit: call.limit(), in: transaction)
            return try .json(ListPage(items: page.tasks.map(TaskView.init), next: page.next.map(Call.cursor(at:))))
        }
    }

    private var one: Endpoint {
        .read("/api/tasks/{task}", "A task", access: .staff, gives: TaskView.schema) { call, transaction in
            guard let task = try TaskList.one(call.id("task"), in: transaction) else { throw Problem.notFound }
            return try .json(TaskView(task))
        }
    }

    private var history: Endpoint {
        .read(
            "/api/tasks/{task}/history", "What happened to a task, oldest first; the newest 200 changes",
            access: .staff, gives: .list(ChangeView.schema)
        ) { call, transaction in
            let id = try call.id("task")
            let changes = try TaskHistory.of(id, limit: 200, in: transaction)
            guard !changes.isEmpty else { throw Problem.notFound }
            return try .json(changes.map(ChangeView.init))
        }
    }

    private var creation: Endpoint {
        .command(
            .post, "/api/tasks", "Create a task, which is dealt to a random eligible person", access: .staff,
            takes: .object(
                "NewTask",
                [
                    .init("title", .text(0...2000), "1 to 200 characters; an id at the start is split off"),
                    .init("jira_id", .optional(.text(0...100)), "An id of a ticket, like POP-42"),
                    .init("description", .optional(.text(0...10_000)), "More about it; line ends allowed"),
                ]), gives: TaskView.schema, bodyLimit: TextRule.bodyLimit
        ) { call, transaction in
            let input: NewTask = try call.decode()
            let id = try create.one(
                title: input.title, jiraID: input.jiraID, description: input.description, creator: call.person().id,
                call.environment, trace: call.trace, in: transaction)
            guard let task = try TaskList.one(id, in: transaction) else { throw Problem.notFound }
            return try .created(TaskView(task), at: "/api/tasks/\(id)")
        }
    }

    private var completion: Endpoint {
        .command(
            .post, "/api/tasks/{task}/completion", "Complete a task that is dealt to you", access: .staff,
            gives: TaskView.schema
        ) { call, transaction in
            let id = try call.id("task")
            try complete(id, by: call.person().id, call.environment, trace: call.trace, in: transaction)
            guard let task = try TaskList.one(id, in: transaction) else { throw Problem.notFound }
            return try .json(TaskView(task), status: 201)
        }
    }

    private var eligible: Endpoint {
        .read(
            "/api/eligible", "Who may be dealt tasks now", access: .staff, query: [.cursor, .limit],
            gives: .page(
                of: .object(
                    "EligiblePerson",
                    [.init("id", .id, "The person"), .init("name", .string, "The person's name")]))
        ) { call, transaction in
            let limit = try call.limit()
            let rows = try transaction.fetch(
                """
                SELECT e.position, e.person, COALESCE(p.name, '') FROM eligible e
                LEFT JOIN directory_person p ON p.id = e.person
                WHERE e.position > \(call.position() ?? 0) ORDER BY e.position LIMIT \(limit + 1)
                """)
            let items = try rows.prefix(limit).map { EligibleView(id: try $0(1), name: try $0(2)) }
            let next: Int64? = rows.count > limit ? try rows[limit - 1](0) : nil
            return try .json(ListPage(items: items, next: next.map(Call.cursor(at:))))
        }
    }

    private struct NewTask: Decodable {
        let title: String
        let jiraID: String?
        let description: String?
        enum CodingKeys: String, CodingKey {
            case title, description
            case jiraID = "jira_id"
        }
    }

    private struct EligibleView: Encodable {
        let id: ID
        let name: String
    }
}
