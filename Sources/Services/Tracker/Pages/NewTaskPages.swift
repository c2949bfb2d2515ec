import Directory
import Storage
import Values
import Web

/// The form of a new task (X10).
struct NewTaskPages {
    let create: CreateTasks

    var endpoints: [Endpoint] { [form, creation] }

    private var form: Endpoint {
        .page("/tasks/new", "A new task", access: .staff) { call, transaction in
            page(call)
        }
    }

    private var creation: Endpoint {
        .form(
            "/tasks", "Create a task", access: .staff, bodyLimit: TextRule.bodyLimit,
            again: { call, _, _ in page(call) }
        ) { call, transaction in
            let created = try create.one(
                title: call.field("title"), jiraID: call.field("jira_id"), description: call.field("description"),
                creator: call.person().id, call.environment, trace: call.trace, in: transaction)
            let answer = Answer.redirect(to: "/tasks/\(created.id)")
            guard let task = try TaskList.one(created.id, in: transaction) else { return answer }
            return task.assigneeName.isEmpty
                ? answer.saying("tracker.notice.created", ["title": task.title])
                : answer.saying("tracker.notice.dealt", ["title": task.title, "name": task.assigneeName])
        }
    }

    private func page(_ call: Call) -> Answer {
        let model: [String: Model] = [
            "title": .text(call.field("title")),
            "jira": .text(call.field("jira_id")),
            "description": .text(call.field("description")),
        ]
        return .page("tracker/new", title: "tracker.new", .object(model))
    }
}
