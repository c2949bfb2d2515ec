import Directory
import Values
import Web

/// Tasks as templates show them.
extension TaskRecord {
    /// - Parameter back: the page to return to after "Complete": `home`, `list` or `task`.
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
            "created": .moment(createdAt),
            "assigned": .moment(assignedAt),
            "completed": .time(completedAt),
            "back": .text(back),
        ]
    }

    /// The name, or the beginning of the id if the Directory does not know the person yet.
    static func shown(_ name: String, _ id: ID) -> String {
        name.isEmpty ? "\(id.description.prefix(8))…" : name
    }
}

extension TaskChange {
    var model: Model {
        [
            "revision": .text(String(revision)),
            "created": .flag(kind == .created),
            "reassigned": .flag(kind == .reassigned),
            "completed": .flag(kind == .completed),
            "person": .text(TaskRecord.shown(personName, person)),
            "personID": .text(person.description),
            "former": .text(former.map { TaskRecord.shown(formerName, $0) } ?? ""),
            "formerID": .text(former?.description ?? ""),
            "actor": .text(TaskRecord.shown(actorName, actor)),
            "at": .moment(at),
        ]
    }
}
