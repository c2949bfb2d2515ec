import Contracts
import Storage
import Values
import Web

/// Search in titles, ticket ids and descriptions (X17): every word must occur; the last one may be the beginning of a
/// word.
enum TaskSearch {
    /// How many hits are read at once, and how often in one call. If a filter fits few of very many hits, the answer is
    /// a short page and a cursor, and not all hits are read.
    static let window = 1000
    static let windows = 5

    static func page(
        _ filter: TaskList.Filter, before cursor: Int64?, limit: Int, in transaction: any Transaction
    ) throws -> ListPart<TaskRecord> {
        if let id = JiraID(filter.words.words().joined(separator: " ").uppercased()), try exists(id, in: transaction) {
            return try TaskList.withJiraID(id.text, filter, before: cursor, limit: limit, in: transaction)
        }
        let query = Query(filter.words)
        guard !query.words.isEmpty, let match = try match(query, in: transaction) else { return ListPart() }
        var tasks: [TaskRecord] = []
        var position = cursor ?? .max
        let window = filter.status == nil && filter.assignee == nil ? limit + 1 : Self.window
        for _ in 0..<windows {
            let hits = try self.hits(match, before: position, limit: window, in: transaction)
            guard let last = hits.last else { return ListPart(tasks) }
            let rows = try transaction.fetch(
                """
                SELECT \(TaskRecord.columns) FROM task t \(TaskRecord.people)
                WHERE t.position IN (\(list: hits))\(TaskList.conditions(filter))
                ORDER BY t.position DESC LIMIT \(limit + 1 - tasks.count)
                """)
            tasks += try rows.map { try TaskRecord($0) }
            if tasks.count > limit {
                tasks.removeLast()
                return ListPart(tasks, next: tasks.last?.position)
            }
            guard hits.count == window else { return ListPart(tasks) }
            position = last
        }
        return ListPart(tasks, next: position)
    }

    private static func exists(_ id: JiraID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT 1 FROM task WHERE jira_id = \(id.text) LIMIT 1") != nil
    }

    /// The query as the database writes it; `nil` if there can be no hits.
    private static func match(_ query: Query, in transaction: any Transaction) throws -> String? {
        guard transaction.dialect == .sqlite else { return query.tsquery }
        let endings = try query.longBeginning.flatMap { try words(beginning: $0, in: transaction) }
        return endings?.isEmpty == true ? nil : query.fts5(endingWith: endings)
    }

    private static func hits(
        _ match: String, before position: Int64, limit: Int, in transaction: any Transaction
    ) throws -> [Int64] {
        let rows: [Row]
        switch transaction.dialect {
        case .sqlite:
            rows = try transaction.fetch(
                """
                SELECT rowid FROM task_search WHERE task_search MATCH \(match) AND rowid < \(position)
                ORDER BY rowid DESC LIMIT \(limit)
                """)
        case .postgresql:
            rows = try transaction.fetch(
                """
                SELECT rowid FROM task_search WHERE vector @@ CAST(\(match) AS tsquery) AND rowid < \(position)
                ORDER BY rowid DESC LIMIT \(limit)
                """)
        }
        return try rows.map { try $0(0) }
    }

    /// The words that begin like this; `nil` if they are many. FTS5 collects all hits of the beginning of a word before
    /// it gives the first one, but reads those of whole words one by one, latest first. Among a million tasks that is a
    /// tenth of the time.
    private static func words(beginning: String, in transaction: any Transaction) throws -> [String]? {
        let words: [String] = try transaction.fetch(
            """
            SELECT term FROM task_word WHERE term >= \(beginning) AND term < \(beginning + "\u{10FFFF}")
            LIMIT \(mostWords + 1)
            """
        ).map { try $0(0) }
        return words.count > mostWords ? nil : words
    }

    private static let mostWords = 40

    /// The typed text as folded words. They hold only letters, digits and their marks, so nothing in them is query
    /// syntax of a database.
    struct Query {
        let words: [String]
        /// Whether the last word may be the beginning of a word. A ticket's id or a single letter must be a whole word:
        /// a prefix of one letter would match almost every task.
        let isOpen: Bool

        init(_ text: String) {
            words = FoldedText.words(text)
            let last = text.words().last ?? ""
            isOpen = (words.last?.unicodeScalars.count ?? 0) > 1 && JiraID(last.uppercased()) == nil
        }

        /// The last word, if it may be the beginning of one and is longer than those for which FTS5 has an index.
        var longBeginning: String? {
            words.last.flatMap { isOpen && $0.unicodeScalars.count > 3 ? $0 : nil }
        }

        /// - Parameter endings: the words that begin like the last one, if they are known.
        func fts5(endingWith endings: [String]?) -> String {
            let last = endings.map { "(" + $0.map { "\"\($0)\"" }.joined(separator: " OR ") + ")" }
            return words.enumerated().map { index, word in
                guard isOpen, index == words.count - 1 else { return "\"\(word)\"" }
                return last ?? "\"\(word)\"*"
            }.joined(separator: " AND ")
        }

        var tsquery: String {
            words.enumerated().map { "'\($1)'" + (isOpen && $0 == words.count - 1 ? ":*" : "") }.joined(
                separator: " & ")
        }
    }
}
