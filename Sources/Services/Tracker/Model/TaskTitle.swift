import Contracts
import Values
import Web

/// A title as a person or a file gave it, split into the title and the id in front of it (X13).
package struct TaskTitle: Hashable, Sendable {
    package let jiraID: JiraID?
    package let title: String

    /// X11: counted in characters as people see them.
    package static let longest = 200
    /// Prevents one "character" of ten thousand combining marks.
    static let mostScalars = 1000

    /// Splits a typed title and checks it.
    /// - Throws: a 422 problem at the field `title`.
    package static func parse(_ text: String) throws -> TaskTitle {
        let typed = TypedTitle(text)
        let rest = typed.rest
        guard !rest.contains(where: { $0 == "[" || $0 == "]" }) else { throw Problem.invalid("title", "task.brackets") }
        guard rest.allSatisfy(TypedText.isPlain) else { throw Problem.invalid("title", "task.control") }
        guard rest.contains(where: TypedText.isVisible) else { throw Problem.invalid("title", "task.empty") }
        let title = Scalars.string(rest[...])
        // A character has at least one scalar, so for most titles the scalar count is enough and characters need not be
        // counted.
        guard rest.count <= longest || rest.count <= mostScalars && title.count <= longest else {
            throw Problem.invalid("title", "task.long")
        }
        return TaskTitle(jiraID: typed.jiraID, title: title)
    }

    /// Like ``parse(_:)``, with an id given beside the title. An id inside the title must then be the same.
    package static func parse(_ text: String, jiraID: String?) throws -> TaskTitle {
        let parsed = try parse(text)
        let given = jiraID.map { Scalars.string(Scalars.trimmed(Array($0.unicodeScalars))[...]) } ?? ""
        guard !given.isEmpty else { return parsed }
        guard let id = JiraID(given) else { throw Problem.invalid("jira_id", "task.jira") }
        if let other = parsed.jiraID, other != id {
            throw Problem.invalid("jira_id", "task.jira-twice", values: ["title": other.text])
        }
        return TaskTitle(jiraID: id, title: parsed.title)
    }
}
