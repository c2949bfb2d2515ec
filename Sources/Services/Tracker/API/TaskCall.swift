import Foundation
import Values
import Web

/// What the Tracker's endpoints read from a request.
extension Call {
    /// The cursor of a list: a position.
    func position() throws -> Int64? {
        guard let text = query("cursor") else { return nil }
        guard let position = Int64(text), position > 0 else { throw Problem.invalid("cursor", "web.cursor") }
        return position
    }

    func taskFilter() throws -> TaskList.Filter {
        var filter = TaskList.Filter()
        filter.words = String((query("q") ?? "").prefix(200))
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

    /// The JSON body, which the endpoint's schema has already been checked against.
    func input<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(body))
        } catch {
            throw Problem(400, "web.json")
        }
    }
}
