import ServiceKit
import Storage
import Values

/// The words by which tasks are found (X17), written with the task. ``FoldedText`` folds them, so that both databases
/// find the same tasks.
enum SearchIndex {
    /// Adds tasks that this transaction has inserted already.
    static func add(
        _ tasks: [(id: ID, title: String, jiraID: String?, description: String?)], in transaction: any Transaction
    ) throws {
        try transaction.send(
            "INSERT INTO task_search (rowid, words) SELECT position, ? FROM task WHERE id = ?",
            rows: tasks.map { [words($0.title, $0.jiraID, $0.description).stored, $0.id.stored] })
    }

    static func words(_ title: String, _ jiraID: String?, _ description: String?) -> String {
        let fields = [title, jiraID ?? "", description ?? ""]
        return fields.flatMap(FoldedText.words).joined(separator: " ")
    }
}
