import Storage
import Values
import Web

/// What the Tracker's endpoints read from a request.
extension Call {
    func taskFilter() throws -> TaskList.Filter {
        var filter = TaskList.Filter()
        filter.words = (query("q") ?? "").beginning(200)
        if let word = query("status") {
            guard let status = TaskStatus(word: word) else { throw Problem.invalid("status", "task.status") }
            filter.status = status
        }
        if let text = query("assignee") {
            guard let id = ID(text) else { throw Problem.invalid("assignee", "task.assignee") }
            filter.assignee = id
        }
        return filter
    }
}
