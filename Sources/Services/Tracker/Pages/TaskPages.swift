import Directory
import Storage
import Values
import Web

/// The pages of daily work: home, the list of tasks, a task (X17, X18).
struct TaskPages {
    let complete: CompleteTask

    static let homeOpen = 50
    static let homeDone = 10
    /// The address of the fragment with the number of tasks that the caller has to do.
    static let waiting = "/tracker/fragments/waiting"

    var endpoints: [Endpoint] { [home, waiting, list, one, completion] }

    private var home: Endpoint {
        .page("/", "My tasks, open first", access: .staff) { call, transaction in
            let me = try call.person()
            let open = try TaskList.open(of: me.id, limit: Self.homeOpen, in: transaction)
            let done = try TaskList.done(by: me.id, limit: Self.homeDone, in: transaction)
            return .page(
                "tracker/home", title: "tracker.home",
                [
                    "open": .list(open.tasks.map { $0.model(call, back: "home") }),
                    "moreOpen": .flag(open.more),
                    "done": .list(done.tasks.map { $0.model(call, back: "home") }),
                    "moreDone": .flag(done.more),
                    "myID": .text(me.id.description),
                    "eligible": .flag(me.isEligible),
                    "money": Answer.include("/accounting/fragments/today"),
                ])
        }
    }

    private var waiting: Endpoint {
        .count(Self.waiting, access: .staff, about: "tracker.waiting", topics: ["tracker"]) { call, transaction in
            try TaskList.countOpen(of: call.person().id, upTo: Waiting.most + 1, in: transaction)
        }
    }

    private var list: Endpoint {
        .page("/tasks", "All tasks: search, filters, pages", access: .staff) { call, transaction in
            let filter = try TaskFilterForm(call, in: transaction)
            let page =
                filter.isEmpty
                ? ListPart()
                : try TaskList.page(filter.filter, before: call.after(), limit: call.limit(), in: transaction)
            return .page(
                "tracker/tasks", title: "tracker.tasks",
                filter.model.merging([
                    "tasks": .list(page.rows.map { $0.model(call, back: "list") }),
                    "empty": .flag(page.rows.isEmpty),
                    "next": .text(page.next.map { filter.address(cursor: $0) } ?? ""),
                    "first": .text(call.query("cursor") == nil ? "" : filter.address(cursor: nil)),
                ]))
        }
    }

    private var one: Endpoint {
        .page("/tasks/{task}", "A task with its history", access: .staff) { call, transaction in
            let id = try call.id("task")
            guard let task = try TaskList.one(id, in: transaction) else { throw Problem.notFound }
            let changes = try TaskHistory.of(id, limit: 100, in: transaction)
            return .page(
                "tracker/task", title: task.title,
                [
                    "task": task.model(call, back: "task"),
                    "paragraphs": .list(
                        (task.description ?? "").parts(at: "\n").filter { !$0.isEmpty }.map { .text($0) }),
                    "described": .flag(task.description != nil),
                    "typed": .time(task.typedAt),
                    "history": .list(changes.map(\.model)),
                    "cut": .flag((changes.first?.revision ?? 1) > 1),
                    "money": Answer.include("/accounting/fragments/tasks/\(id)"),
                ])
        }
    }

    private var completion: Endpoint {
        .form("/tasks/{task}/complete", "Complete a task that is dealt to me", access: .staff) { call, transaction in
            let id = try call.id("task")
            let title = try complete(
                id, by: call.person().id, call.environment, trace: call.trace, in: transaction)
            let place: String =
                switch call.field("back") {
                case "list": "/tasks"
                case "task": "/tasks/\(id)"
                default: "/"
                }
            return .redirect(to: place).saying(
                "tracker.notice.completed", ["title": title], with: "/accounting/fragments/tasks/\(id)/reward")
        }
    }
}

extension Model {
    /// An object with the values of both; those of `other` win.
    func merging(_ other: [String: Model]) -> Model {
        guard case .object(let values) = self else { return .object(other) }
        return .object(values.merging(other) { $1 })
    }
}
