import Directory
import Values
import Web

/// Tasks as templates show them.
extension TaskRecord {
    /// - Parameter back: where the complete button leads back to: `home`, `list` or `task`.
    func model(_ call: Call, back: String) -> Model {
        [
            "id": .text(id.description),
            "title": .text(title),
            "jira": .text(jiraID ?? ""),
            "open": .flag(status == .open),
            "done": .flag(status == .done),
            "mine": .flag(status == .open && assignee == call.caller?.id),
            "assignee": .text(TaskRecord.shown(assigneeName, assignee)),
            "assigneeID": .text(assignee.description),
            "creator": .text(TaskRecord.shown(creatorName, creator)),
            "created": .text(call.format.time(createdAt)),
            "assigned": .text(call.format.time(assignedAt)),
            "completed": .text(completedAt.map(call.format.time) ?? ""),
            "back": .text(back),
        ]
    }

    /// A name, or the beginning of the id of somebody whom the Directory has not heard of yet.
    static func shown(_ name: String, _ id: ID) -> String {
        name.isEmpty ? "\(id.description.prefix(8))…" : name
    }
}

extension TaskChange {
    func model(_ call: Call) -> Model {
        [
            "created": .flag(kind == .created),
            "reassigned": .flag(kind == .reassigned),
            "completed": .flag(kind == .completed),
            "person": .text(TaskRecord.shown(personName, person)),
            "former": .text(former.map { TaskRecord.shown(formerName, $0) } ?? ""),
            "actor": .text(TaskRecord.shown(actorName, actor)),
            "at": .text(call.format.time(at)),
        ]
    }
}
