import Directory
import Storage
import Values

/// After an upgrade, recomputes what is derived from people's names and addresses: the normalized address, and the
/// search words.
enum Renewal {
    private static let slice = 500

    /// Handles the next slice of people; `false` if nobody is left.
    static func step(in transaction: any Transaction) throws -> Bool {
        // Several processes may start at once: one does the work, the others find nobody left.
        _ = try transaction.fetchLocking("SELECT name FROM identity_gate WHERE name = 'batch'")
        let people: [ID] = try transaction.fetch(
            "SELECT person FROM identity_stale ORDER BY person LIMIT \(slice)"
        ).map { try $0(0) }
        guard !people.isEmpty else { return false }
        let known = try Directory.people(people, in: transaction).values.sorted { $0.id < $1.id }
        for person in known where !person.email.isEmpty {
            let key = MailAddress.key(person.email)
            // Two accounts may have addresses that counted as different until now. The account that mail reaches
            // already has the normalized address, and keeps it.
            try transaction.send(
                """
                UPDATE identity_person SET email_key = \(key) WHERE id = \(person.id) AND email_key <> \(key)
                AND NOT EXISTS (SELECT 1 FROM identity_person other WHERE other.email_key = \(key))
                """)
        }
        try transaction.send("DELETE FROM identity_word WHERE person = ?", rows: people.map { [$0.stored] })
        try transaction.send(
            "INSERT INTO identity_word (word, person) VALUES (?, ?)",
            rows: known.flatMap { person in
                PersonRules.words(name: person.name, email: person.email).map { [.text($0), person.id.stored] }
            })
        try transaction.send("DELETE FROM identity_stale WHERE person = ?", rows: people.map { [$0.stored] })
        return true
    }
}
