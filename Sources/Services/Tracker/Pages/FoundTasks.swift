import Values
import Web

/// Tasks in the search over everything.
struct FoundTasks {
    static let path = "/tracker/fragments/search"
    private static let most = 8

    var endpoints: [Endpoint] {
        [
            .fragment(Self.path, "The tasks that a search finds", access: .staff) { call, transaction in
                let words = SearchPage.words(call)
                guard !words.isEmpty else { return .found("tracker.found", []) }
                if let id = ID(words) {
                    let task = try TaskList.one(id, in: transaction)
                    return .found("tracker.found", [task].compactMap(\.self).map(Self.found))
                }
                let part = try TaskList.page(
                    TaskList.Filter(words: words), before: nil, limit: Self.most, in: transaction)
                return .found(
                    "tracker.found", part.rows.map(Self.found),
                    more: part.next == nil ? nil : "/tasks?q=\(PercentCoding.encode(words))")
            }
        ]
    }

    private static func found(_ task: TaskRecord) -> Found {
        let title = task.jiraID.map { "\($0) \(task.title)" } ?? task.title
        return Found(title, path: "/tasks/\(task.id)", note: TaskRecord.shown(task.assigneeName, task.assignee))
    }
}
