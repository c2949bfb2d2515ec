import Storage
import Values

/// One change of a person's destination.
struct DestinationHistory: Hashable, Sendable {
    let id: ID
    /// A case of ``Destination/Kind``.
    let kind: String
    /// The last four characters.
    let tail: String
    let at: Instant

    /// The latest changes first.
    /// - Parameter before: the last one of the previous page.
    static func list(
        of person: ID, before: ID? = nil, limit: Int, in transaction: any Transaction
    ) throws -> [DestinationHistory] {
        var sql: SQL = "SELECT id, kind, tail, at FROM destination WHERE person = \(person)"
        if let before { sql = sql + " AND id < \(before)" }
        return try transaction.fetch(sql + " ORDER BY id DESC LIMIT \(limit)").map { row in
            DestinationHistory(id: try row(0), kind: try row(1), tail: try row(2), at: try row(3))
        }
    }
}
