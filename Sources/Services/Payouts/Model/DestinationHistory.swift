import Storage
import Values

/// One time that a person said where their money is to go.
struct DestinationHistory: Hashable, Sendable {
    let id: ID
    /// As ``Destination/Kind`` names it.
    let kind: String
    /// The last four.
    let tail: String
    let at: Instant

    /// - Parameter before: the last one of the page before.
    /// - Returns: the latest first, and the last of them where there are more.
    static func page(
        of person: ID, before: ID? = nil, limit: Int, in transaction: any Transaction
    ) throws -> (entries: [DestinationHistory], next: ID?) {
        var sql: SQL = "SELECT id, kind, tail, at FROM destination WHERE person = \(person)"
        if let before { sql = sql + " AND id < \(before)" }
        let rows = try transaction.fetch(sql + " ORDER BY id DESC LIMIT \(limit + 1)")
        let entries = try rows.prefix(limit).map { row in
            DestinationHistory(id: try row(0), kind: try row(1), tail: try row(2), at: try row(3))
        }
        return (entries, rows.count > limit ? entries.last?.id : nil)
    }
}
