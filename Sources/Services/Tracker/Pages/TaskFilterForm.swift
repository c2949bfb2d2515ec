import Directory
import Foundation
import Storage
import Values
import Web

/// The search and filters above the list of tasks. A person is given by id or by the beginning of the name.
struct TaskFilterForm {
    let filter: TaskList.Filter
    /// The text typed for a person, if nobody has that name.
    let nobody: String
    /// The people who fit, if the text fits several.
    private let several: [Person]
    private let words: String
    private let person: String

    init(_ call: Call, in transaction: any Transaction) throws {
        var filter = TaskList.Filter()
        words = (call.query("q") ?? "").beginning(200)
        filter.words = words
        filter.status = call.query("status").flatMap(TaskStatus.init(word:))
        let typed = (call.query("assignee") ?? "").beginning(100)
        let found = try TaskFilterForm.people(typed, in: transaction)
        if found.count == 1 {
            filter.assignee = found[0].id
        } else {
            filter.assignee = ID(typed)
        }
        self.filter = filter
        person = found.count == 1 ? found[0].name : typed
        several = found.count > 1 ? found : []
        nobody = found.isEmpty && filter.assignee == nil ? typed : ""
    }

    /// The list is empty because nobody, or more than one person, has the name.
    var isEmpty: Bool { !nobody.isEmpty || !several.isEmpty }

    private static let mostPeople = 8

    /// The people who fit the text: by id, by the whole name, or by the beginnings of its words.
    private static func people(_ text: String, in transaction: any Transaction) throws -> [Person] {
        if let id = ID(text) { return [try Directory.person(id, in: transaction)].compactMap(\.self) }
        let found = try Directory.named(text, limit: mostPeople, in: transaction)
        let exact = found.filter { FoldedText.words($0.name) == FoldedText.words(text) }
        return exact.count == 1 ? exact : found
    }

    var model: Model {
        [
            "q": .text(words),
            "person": .text(person),
            "nobody": .text(nobody),
            "several": .list(
                several.map { ["name": .text($0.name), "path": .text(address(cursor: nil, of: $0.id))] }),
            "anySeveral": .flag(!several.isEmpty),
            "isOpen": .flag(filter.status == .open),
            "isDone": .flag(filter.status == .done),
            "filtered": .flag(!words.isEmpty || filter.status != nil || !person.isEmpty),
        ]
    }

    /// The list's address with these filters.
    func address(cursor: String?, of person: ID? = nil) -> String {
        var parts: [String] = []
        if !words.isEmpty { parts.append("q=\(PercentCoding.encode(words))") }
        if let status = filter.status { parts.append("status=\(status.word)") }
        if let assignee = person ?? filter.assignee { parts.append("assignee=\(assignee)") }
        if let cursor { parts.append("cursor=\(cursor)") }
        return parts.isEmpty ? "/tasks" : "/tasks?" + parts.joined(separator: "&")
    }
}
