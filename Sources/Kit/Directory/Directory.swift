import Messaging
import Storage
import Values

/// A service's own copy of who is who (X5), kept by Identity's events: with it a service knows what a person may do,
/// and checks a token, while Identity is away. Identity itself keeps its people in the same tables, so that the same
/// guard stands before every service.
package enum Directory {
    /// The tables, for the kit's first step.
    package static let schema = [
        """
        CREATE TABLE IF NOT EXISTS directory_person (
            id BLOB PRIMARY KEY,
            name TEXT NOT NULL,
            email TEXT NOT NULL,
            roles TEXT NOT NULL,
            active INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS directory_person_name ON directory_person (name, id)",
        // Sessions that ended before their token did. Kept until the token would have expired anyway.
        """
        CREATE TABLE IF NOT EXISTS directory_revoked (
            session BLOB PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS directory_revoked_until ON directory_revoked (until)",
        // Public keys that tokens are checked with: 65 bytes, uncompressed P-256.
        """
        CREATE TABLE IF NOT EXISTS directory_key (
            id TEXT PRIMARY KEY,
            public BLOB NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        // People whose last Identity event had to be parked: they are denied until it is applied.
        "CREATE TABLE IF NOT EXISTS directory_denied (person BLOB PRIMARY KEY) STRICT",
    ]

    /// People by their folded names: what all lists of people are in the order of, and found by. For a later step of the
    /// kit's, with ``foldNames(in:)`` for the people who are there.
    package static let nameSchema = [
        "ALTER TABLE directory_person ADD COLUMN folded TEXT NOT NULL DEFAULT ''",
        "DROP INDEX directory_person_name",
        "CREATE INDEX directory_person_folded ON directory_person (folded, id)",
        // The words of each name, folded, for searching by their beginnings.
        """
        CREATE TABLE directory_word (
            word TEXT NOT NULL,
            person BLOB NOT NULL,
            PRIMARY KEY (word, person)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX directory_word_person ON directory_word (person)",
    ]

    /// Folds the names of those who were there before names were folded.
    package static func foldNames(in transaction: any Transaction) throws {
        var last: ID?
        while true {
            let people = try Directory.people(after: last, limit: 500, in: transaction).map {
                (id: $0.id, name: $0.name)
            }
            try transaction.send(
                "UPDATE directory_person SET folded = ? WHERE id = ?",
                rows: people.map { [.text(FoldedText.text($0.name)), $0.id.stored] })
            try putWords(of: people, in: transaction)
            guard let id = people.last?.id else { return }
            last = id
        }
    }

    /// Puts the words of these names in the place of those that there were.
    static func putWords(of people: [(id: ID, name: String)], in transaction: any Transaction) throws {
        try transaction.send("DELETE FROM directory_word WHERE person = ?", rows: people.map { [$0.id.stored] })
        try transaction.send(
            "INSERT INTO directory_word (word, person) VALUES (?, ?)",
            rows: people.flatMap { person in
                Set(FoldedText.words(person.name)).sorted().map { [.text($0), person.id.stored] }
            })
    }
}
