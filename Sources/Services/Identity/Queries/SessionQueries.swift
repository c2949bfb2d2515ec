import Storage
import Values
import Web

/// Queries for sessions.
enum SessionQueries {
    private static let columns: SQL = "id, person, kind, name, address, created_at, until, scopes, used_at, agent, ways"

    /// The sessions of a person that have not ended, latest first.
    static func active(of person: ID, now: Instant, in transaction: any Transaction) throws -> [Session] {
        try transaction.fetch(
            """
            SELECT \(columns) FROM identity_session
            WHERE person = \(person) AND ended_at IS NULL AND until > \(now) ORDER BY id DESC LIMIT 200
            """
        ).map(read)
    }

    static func find(_ id: ID, in transaction: any Transaction) throws -> Session {
        guard
            let row = try transaction.fetchOne(
                """
                SELECT \(columns) FROM identity_session WHERE id = \(id)
                """)
        else { throw Problem.notFound }
        return try read(row)
    }

    /// A session of this person.
    static func find(_ id: ID, of person: ID, in transaction: any Transaction) throws -> Session {
        let session = try find(id, in: transaction)
        guard session.person == person else { throw Problem.notFound }
        return session
    }

    private static func read(_ row: Row) throws -> Session {
        Session(
            id: try row(0), person: try row(1), kind: Session.Kind(rawValue: try row(2)) ?? .browser,
            name: try row(3), address: try row(4), agent: try row(9, as: String?.self) ?? "",
            ways: (try row(10, as: String?.self) ?? "").words().compactMap(Way.init), created: try row(5),
            until: try row(6),
            scopes: try row(7, as: String?.self)?.words(), used: try row(8))
    }
}
