import Storage
import Values
import Web

/// Lists of tasks, newest first, page by page (X17). A cursor is the position of the last task on the previous page.
enum TaskList {
    struct Filter: Sendable, Hashable {
        var words = ""
        var status: TaskStatus?
        var assignee: ID?
    }

    static func page(
        _ filter: Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> ListPart<TaskRecord> {
        if !filter.words.isEmpty {
            return try TaskSearch.page(filter, before: cursor, limit: limit, in: transaction)
        }
        if filter.assignee != nil, filter.status == nil {
            return try ofEitherStatus(filter, before: cursor, limit: limit, in: transaction)
        }
        let rows = try transaction.fetch(
            """
            SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people)
            WHERE t.position < \(cursor ?? .max)\(conditions(filter)) ORDER BY t.position DESC LIMIT \(limit + 1)
            """)
        return try cut(rows, limit)
    }

    static func one(_ id: ID, in transaction: any Transaction) throws -> TaskRecord? {
        try transaction.fetchOne(
            "SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people) WHERE t.id = \(id)"
        ).map { try TaskRecord($0) }
    }

    /// The open tasks of a person, newest first (X17), and whether there are more.
    static func open(
        of person: ID, limit: Int, in transaction: any Transaction
    ) throws -> (tasks: [TaskRecord], more: Bool) {
        let page = try page(Filter(status: .open, assignee: person), before: nil, limit: limit, in: transaction)
        return (page.rows, page.next != nil)
    }

    /// How many tasks are open, of everybody or of one person; counts up to `most`.
    static func countOpen(of person: ID? = nil, upTo most: Int, in transaction: any Transaction) throws -> Int {
        let whose: SQL = person.map { "AND assignee = \($0)" } ?? ""
        return try transaction.value(
            "SELECT COUNT(*) FROM (SELECT 1 FROM task WHERE status = 0 \(whose) LIMIT \(most)) AS waiting") ?? 0
    }

    /// The tasks that a person has completed, latest first (X17), and whether there are more. The status is a constant
    /// in the SQL, because the index of completions holds only tasks that are done.
    static func done(
        by person: ID, limit: Int, in transaction: any Transaction
    ) throws -> (tasks: [TaskRecord], more: Bool) {
        let rows = try transaction.fetch(
            """
            SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people)
            WHERE t.assignee = \(person) AND t.status = 1
            ORDER BY t.completed_at DESC, t.position DESC LIMIT \(limit + 1)
            """)
        return (try rows.prefix(limit).map { try TaskRecord($0) }, rows.count > limit)
    }

    /// The tasks with a ticket's id.
    static func withJiraID(
        _ id: String, _ filter: Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> ListPart<TaskRecord> {
        let rows = try transaction.fetch(
            """
            SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people)
            WHERE t.jira_id = \(id) AND t.position < \(cursor ?? .max)\(conditions(filter))
            ORDER BY t.position DESC LIMIT \(limit + 1)
            """)
        return try cut(rows, limit)
    }

    static func conditions(_ filter: Filter) -> SQL {
        var sql: SQL = ""
        if let assignee = filter.assignee { sql = sql + " AND t.assignee = \(assignee)" }
        if let status = filter.status { sql = sql + " AND t.status = \(status)" }
        return sql
    }

    /// The index holds a person's tasks by status, so the tasks of both are read in order and merged.
    private static func ofEitherStatus(
        _ filter: Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> ListPart<TaskRecord> {
        let both = try [TaskStatus.open, .done].map { status in
            var one = filter
            one.status = status
            return try page(one, before: cursor, limit: limit, in: transaction)
        }
        let tasks = both.flatMap(\.rows).sorted { $0.position > $1.position }
        let more = tasks.count > limit || both.contains { $0.next != nil }
        let shown = Array(tasks.prefix(limit))
        return ListPart(shown, next: more ? shown.last?.position : nil)
    }

    private static func cut(_ rows: [Row], _ limit: Int) throws -> ListPart<TaskRecord> {
        ListPart(try rows.map { try TaskRecord($0) }, limit: limit, by: \.position)
    }
}
