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
            page(call, nil)
        }
    }

    private var creation: Endpoint {
        .form(
            "/tasks", "Create a task", access: .staff, bodyLimit: TextRule.bodyLimit,
            again: { call, problem, _ in page(call, problem) }
        ) { call, transaction in
            let id = try create.one(
                title: call.field("title"), jiraID: call.field("jira_id"), description: call.field("description"),
                creator: call.person().id, call.environment, trace: call.trace, in: transaction)
            return .redirect(to: "/tasks/\(id)?notice=tracker.notice.created")
        }
    }

    private func page(_ call: Call, _ problem: Problem?) -> Answer {
        var model: [String: Model] = [
            "title": .text(call.field("title")),
            "jira": .text(call.field("jira_id")),
            "description": .text(call.field("description")),
        ]
        if let problem { model["wrong"] = problem.flags }
        return .page("tracker/new", title: "tracker.new", .object(model))
    }
}

extension Problem {
    /// The problem as a flag of its own, so that a template can show its text where it belongs: `task.jira-twice` is
    /// `jira_twice`.
    var flags: Model {
        let name = key.parts(at: ".").last ?? key
        return .object([
            name.replacing("-", by: "_"): .flag(true),
            "values": .object(values.mapValues { .text($0) }),
        ])
    }
}
