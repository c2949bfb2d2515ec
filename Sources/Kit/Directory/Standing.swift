import Storage
import Values

extension Directory {
    /// What the guard must know of a caller, read in one query: the current person, whether the session was ended, and
    /// whether the person is denied access because one of their events is parked.
    package struct Standing: Hashable, Sendable {
        package let person: Person
        package let revoked: Bool
        package let denied: Bool
    }

    /// `nil` if this service does not know the person.
    package static func standing(
        of person: ID, session: ID?, in transaction: any Transaction
    ) throws -> Standing? {
        guard
            let row = try transaction.fetchOne(
                """
                SELECT name, email, roles, active,
                (SELECT COUNT(*) FROM directory_revoked WHERE session = \(session ?? person)) AS revoked,
                (SELECT COUNT(*) FROM directory_denied WHERE person = id) AS denied
                FROM directory_person WHERE id = \(person)
                """)
        else { return nil }
        let person = Person(
            id: person, name: try row(0), email: try row(1), roles: roles(of: try row(2)), active: try row(3))
        return Standing(person: person, revoked: try row(4), denied: try row(5))
    }
}

extension Directory {
    /// A key for checking tokens.
    package struct Key: Hashable, Sendable {
        package let id: String
        /// 65 bytes, uncompressed P-256.
        package let publicKey: [UInt8]
        /// No token signed with it is valid after this.
        package let until: Instant

        package init(id: String, publicKey: [UInt8], until: Instant) {
            self.id = id
            self.publicKey = publicKey
            self.until = until
        }
    }

    /// All keys that tokens may be signed with. There are only a few.
    package static func keys(in transaction: any Transaction) throws -> [Key] {
        try transaction.fetch("SELECT id, public, until FROM directory_key ORDER BY until DESC LIMIT 100").map { row in
            Key(id: try row(0), publicKey: try row(1), until: try row(2))
        }
    }
}

extension Directory {
    /// Roles read from the column, where they are separated by spaces.
    package static func roles(of column: String) -> Set<String> {
        Set(column.words())
    }
}
