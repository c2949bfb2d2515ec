import Contracts
import Storage
import Values

/// Search in titles, ticket ids and descriptions (X17): every word must occur, the last one may be the beginning of one.
enum TaskSearch {
    /// Hits looked at together, and how many times in one call: a filter that fits few of very many hits then answers
    /// with a short page and a cursor instead of reading all of them.
    static let window = 1000
    static let windows = 5

    static func page(
        _ filter: TaskList.Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> TaskList.Page {
        let words = Self.words(filter.words)
        if words.count == 1, let id = JiraID(words[0].uppercased()), try exists(id, in: transaction) {
            return try TaskList.withJiraID(id.text, filter, before: cursor, limit: limit, in: transaction)
        }
        guard !words.isEmpty else { return TaskList.Page(tasks: [], next: nil) }
        var tasks: [TaskRecord] = []
        var position = cursor ?? .max
        let window = filter.status == nil && filter.assignee == nil ? limit + 1 : Self.window
        for _ in 0..<windows {
            let hits = try self.hits(words, before: position, limit: window, in: transaction)
            guard let last = hits.last else { return TaskList.Page(tasks: tasks, next: nil) }
            let rows = try transaction.fetch(
                """
                SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people)
                WHERE t.position IN (\(list: hits))\(TaskList.conditions(filter))
                ORDER BY t.position DESC LIMIT \(limit + 1 - tasks.count)
                """)
            tasks += try rows.map { try TaskRecord($0) }
            if tasks.count > limit {
                tasks.removeLast()
                return TaskList.Page(tasks: tasks, next: tasks.last?.position)
            }
            guard hits.count == window else { return TaskList.Page(tasks: tasks, next: nil) }
            position = last
        }
        return TaskList.Page(tasks: tasks, next: position)
    }

    /// At most ten words of what was typed; what holds neither letter nor digit falls away.
    static func words(_ text: String) -> [String] {
        text.split(whereSeparator: \.isWhitespace).prefix(10).map { String($0.prefix(100)) }
            .filter { $0.contains(where: { $0.isLetter || $0.isNumber }) }
    }

    private static func exists(_ id: JiraID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT 1 FROM task WHERE jira_id = \(id.text) LIMIT 1") != nil
    }

    private static func hits(
        _ words: [String], before position: Int64, limit: Int, in transaction: any Transaction
    ) throws -> [Int64] {
        let rows: [Row]
        switch transaction.dialect {
        case .sqlite:
            rows = try transaction.fetch(
                """
                SELECT rowid FROM task_search WHERE task_search MATCH \(fts5(words)) AND rowid < \(position)
                ORDER BY rowid DESC LIMIT \(limit)
                """)
        case .postgresql:
            rows = try transaction.fetch(
                """
                SELECT position FROM task WHERE search @@ to_tsquery('simple', \(tsquery(words)))
                AND position < \(position) ORDER BY position DESC LIMIT \(limit)
                """)
        }
        return try rows.map { try $0(0) }
    }

    /// Each word is a quoted phrase, so that nothing typed is taken for FTS5's own language. A ticket's id and a single
    /// letter are whole words also at the end: a prefix of one letter would touch every task.
    static func fts5(_ words: [String]) -> String {
        words.enumerated().map { index, word in
            let quoted = "\"" + word.filter { $0 != "\"" && $0 != "\0" } + "\""
            return index == words.count - 1 && mayBePrefix(word) ? quoted + "*" : quoted
        }.joined(separator: " ")
    }

    /// The same in PostgreSQL's words: parts of a word stand next to each other.
    static func tsquery(_ words: [String]) -> String {
        words.enumerated().map { index, word in
            let parts = word.split(whereSeparator: { !$0.isLetter && !$0.isNumber })
            let phrase = parts.map { "'\($0)'" }.joined(separator: " <-> ")
            return index == words.count - 1 && mayBePrefix(word) ? "(\(phrase):*)" : "(\(phrase))"
        }.joined(separator: " & ")
    }

    private static func mayBePrefix(_ word: String) -> Bool {
        word.count > 1 && JiraID(word.uppercased()) == nil
    }
}
