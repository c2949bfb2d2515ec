import Contracts
import Directory
import Foundation
import Storage
import Values

/// Identity as the writer of its own Directory tables: the others fill theirs from its events.
enum DirectoryRows {
    static func put(_ people: [Person], in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO directory_person (id, name, email, roles, active) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, roles = excluded.roles,
                active = excluded.active
            """,
            rows: people.map { person in
                [
                    person.id.stored, .text(person.name), .text(person.email),
                    .text(person.roles.sorted().joined(separator: " ")), person.active.stored,
                ]
            })
    }

    static func person(_ id: ID, in transaction: any Transaction) throws -> Person? {
        try Directory.standing(of: id, session: nil, in: transaction)?.person
    }

    static func revoke(_ session: ID, until: Instant, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO directory_revoked (session, until) VALUES (\(session), \(until))
            ON CONFLICT (session) DO NOTHING
            """)
    }

    static func setKeys(_ keys: [KeysChanged.Key], in transaction: any Transaction) throws {
        try transaction.send("DELETE FROM directory_key")
        try transaction.send(
            "INSERT INTO directory_key (id, public, until) VALUES (?, ?, ?)",
            rows: keys.map { key in
                [.text(key.id), .blob(Data(base64Encoded: key.publicKey).map { Array($0) } ?? []), key.until.stored]
            })
    }

    static func roles(of column: String) -> Set<String> {
        Set(column.split(separator: " ").map(String.init))
    }
}
