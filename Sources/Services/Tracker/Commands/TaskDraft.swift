import Values

/// A new task: checked, but without an assignee yet.
struct TaskDraft: Sendable {
    let id: ID
    let title: TaskTitle
    let description: String?
    let creator: ID
    /// For an imported line: its own time of creation, and the number of its import.
    var typedAt: Instant?
    var importNumber: Int64?
}
