import Schemas
import Storage
import Values

/// Thanks for a task, with the names that a page shows.
struct Thanks: Sendable {
    let id: ID
    let task: ID
    let title: String
    let person: ID
    let personName: String
    let by: ID
    let byName: String
    let words: String
    let at: Instant

    /// What programs see: each field once, with its JSON name and what it means.
    static let resource = Resource<Thanks>("Thanks") {
        Field("id", \.id, "The thanks")
        Field("task", \.task, "What for")
        Field("person", \.person, "Who did it")
        Field("by", \.by, "Who says thanks")
        Field("words", \.words, "How")
        Field("at", \.at, "When")
    }

    /// The latest first; ids grow with time.
    static func list(before id: ID?, limit: Int, in transaction: any Transaction) throws -> [Thanks] {
        let from: SQL = id.map { "WHERE t.id < \($0)" } ?? ""
        return try transaction.fetch("\(columns) \(from) ORDER BY t.id DESC LIMIT \(limit)").map { try Thanks($0) }
    }

    static func find(_ id: ID, in transaction: any Transaction) throws -> Thanks? {
        try transaction.fetchOne("\(columns) WHERE t.id = \(id)").map { try Thanks($0) }
    }

    private static let columns: SQL = """
        SELECT t.id, t.task, d.title, t.person, COALESCE(p.name, ''), t.giver, COALESCE(g.name, ''), t.words, t.at
        FROM thanks t JOIN done_task d ON d.task = t.task
        LEFT JOIN directory_person p ON p.id = t.person LEFT JOIN directory_person g ON g.id = t.giver
        """

    private init(_ row: Row) throws {
        (id, task, title) = (try row(0), try row(1), try row(2))
        (person, personName) = (try row(3), try row(4))
        (by, byName) = (try row(5), try row(6))
        (words, at) = (try row(7), try row(8))
    }
}
