import Messaging
import Storage
import Values

/// A service's own copy of who people are (X5), kept up to date by Identity's events. With it a service knows what a
/// person may do, and checks tokens, even while Identity is down. Identity keeps its people in the same tables, so that
/// every service uses the same guard.
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
        // Sessions that ended before their token expired. Kept until the token would have expired anyway.
        """
        CREATE TABLE IF NOT EXISTS directory_revoked (
            session BLOB PRIMARY KEY,
            until INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX IF NOT EXISTS directory_revoked_until ON directory_revoked (until)",
        // Public keys for checking tokens: 65 bytes, uncompressed P-256.
        """
        CREATE TABLE IF NOT EXISTS directory_key (
            id TEXT PRIMARY KEY,
            public BLOB NOT NULL,
            until INTEGER NOT NULL
        ) STRICT
        """,
        // People whose last Identity event had to be parked. They are denied access until it is applied.
        "CREATE TABLE IF NOT EXISTS directory_denied (person BLOB PRIMARY KEY) STRICT",
    ]

    /// People by their folded names: lists of people are sorted and searched by these. For a later step of the kit,
    /// with ``foldNames(in:)`` for the people that exist already.
    package static let nameSchema = [
        "ALTER TABLE directory_person ADD COLUMN folded TEXT NOT NULL DEFAULT ''",
        "DROP INDEX directory_person_name",
        "CREATE INDEX directory_person_folded ON directory_person (folded, id)",
        // The folded words of each name, for searching by their beginnings.
        """
        CREATE TABLE directory_word (
            word TEXT NOT NULL,
            person BLOB NOT NULL,
            PRIMARY KEY (word, person)
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX directory_word_person ON directory_word (person)",
    ]

    /// Whether there are names that are not folded: a process of a version before 0.6.0 has written them since.
    package static func hasUnfolded(in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT id FROM directory_person WHERE folded = '' LIMIT 1") != nil
    }

    /// Folds everybody's name.
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

    /// Replaces the words stored for these people with the words of these names.
    static func putWords(of people: [(id: ID, name: String)], in transaction: any Transaction) throws {
        try transaction.send("DELETE FROM directory_word WHERE person = ?", rows: people.map { [$0.id.stored] })
        try transaction.send(
            "INSERT INTO directory_word (word, person) VALUES (?, ?)",
            rows: people.flatMap { person in
                Set(FoldedText.words(person.name)).sorted().map { [.text($0), person.id.stored] }
            })
    }
}
