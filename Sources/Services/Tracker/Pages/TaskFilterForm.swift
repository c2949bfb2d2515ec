import Foundation
import Storage
import Values
import Web

/// The search and filters above the list of tasks. A person is named by id or by the beginning of the name.
struct TaskFilterForm {
    let filter: TaskList.Filter
    /// What was typed for a person whom nobody is called.
    let nobody: String
    private let words: String
    private let person: String

    init(_ call: Call, in transaction: any Transaction) throws {
        var filter = TaskList.Filter()
        words = (call.query("q") ?? "").beginning(200)
        filter.words = words
        filter.status = call.query("status").flatMap(TaskStatus.init(word:))
        var nobody = ""
        var person = ""
        if let text = call.query("assignee").map({ $0.beginning(100) }) {
            if let row = try TaskFilterForm.find(text, in: transaction) {
                filter.assignee = try row(0)
                person = try row(1)
            } else if let id = ID(text) {
                filter.assignee = id
                person = text
            } else {
                nobody = text
                person = text
            }
        }
        self.filter = filter
        self.nobody = nobody
        self.person = person
    }

    /// Nothing can fit, because nobody is called so.
    var isEmpty: Bool { !nobody.isEmpty }

    private static func find(_ text: String, in transaction: any Transaction) throws -> Row? {
        if let id = ID(text) {
            return try transaction.fetchOne("SELECT id, name FROM directory_person WHERE id = \(id)")
        }
        return try transaction.fetchOne(
            """
            SELECT id, name FROM directory_person WHERE name >= \(text) AND name < \(text + "\u{10FFFF}")
            ORDER BY name, id LIMIT 1
            """)
    }

    var model: Model {
        [
            "q": .text(words),
            "person": .text(person),
            "nobody": .text(nobody),
            "isOpen": .flag(filter.status == .open),
            "isDone": .flag(filter.status == .done),
            "filtered": .flag(!words.isEmpty || filter.status != nil || !person.isEmpty),
        ]
    }

    /// The list's address with these filters.
    func address(cursor: String?) -> String {
        var parts: [String] = []
        if !words.isEmpty { parts.append("q=\(PercentCoding.encode(words))") }
        if let status = filter.status { parts.append("status=\(status.word)") }
        if let assignee = filter.assignee { parts.append("assignee=\(assignee)") }
        if let cursor { parts.append("cursor=\(cursor)") }
        return parts.isEmpty ? "/tasks" : "/tasks?" + parts.joined(separator: "&")
    }
}
