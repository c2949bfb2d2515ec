import Storage
import Values

extension Directory {
    /// Puts people as they are now in the place of what was known of them; later ones win over earlier ones.
    package static func put(_ people: [Person], in transaction: any Transaction) throws {
        let known = try Directory.people(people.map(\.id), in: transaction)
        let latest = Dictionary(people.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
        let renamed = latest.filter { known[$0.key]?.name != $0.value }.sorted { $0.key < $1.key }
        try transaction.send(
            """
            INSERT INTO directory_person (id, name, folded, email, roles, active) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, email = excluded.email,
                roles = excluded.roles, active = excluded.active
            """,
            rows: people.map { person in
                [
                    person.id.stored, .text(person.name), .text(FoldedText.text(person.name)), .text(person.email),
                    .text(column(of: person.roles)), person.active.stored,
                ]
            })
        if !renamed.isEmpty { try putWords(of: renamed.map { ($0.key, $0.value) }, in: transaction) }
    }

    package static func put(_ person: Person, in transaction: any Transaction) throws {
        try put([person], in: transaction)
    }

    /// A person as this service knows them; `nil` where it has not heard of them.
    package static func person(_ id: ID, in transaction: any Transaction) throws -> Person? {
        try transaction.fetchOne("SELECT id, name, email, roles, active FROM directory_person WHERE id = \(id)")
            .map(person)
    }

    /// Several people at once, for names beside rows. Those that this service has not heard of are missing.
    package static func people(_ ids: some Collection<ID>, in transaction: any Transaction) throws -> [ID: Person] {
        var found: [ID: Person] = [:]
        for chunk in Set(ids).sorted().chunks(of: 200) {
            let rows = try transaction.fetch(
                "SELECT id, name, email, roles, active FROM directory_person WHERE id IN (\(list: chunk))")
            for row in rows {
                let person = try person(row)
                found[person.id] = person
            }
        }
        return found
    }

    /// Everybody in the order of ids; `after` is the last one of the page before.
    package static func people(
        after: ID? = nil, limit: Int, in transaction: any Transaction
    ) throws -> [Person] {
        try transaction.fetch(
            """
            SELECT id, name, email, roles, active FROM directory_person WHERE id > \(after?.bytes ?? [])
            ORDER BY id LIMIT \(limit)
            """
        ).map(person)
    }

    /// People in whose names each word of the text begins some word, whatever the case and the accents, in the order of
    /// their folded names; nobody for a text without words.
    package static func named(_ text: String, limit: Int, in transaction: any Transaction) throws -> [Person] {
        guard let condition = condition("id", named: text) else { return [] }
        return try transaction.fetch(
            "SELECT id, name, email, roles, active FROM directory_person WHERE "
                + condition + " ORDER BY folded, id LIMIT \(limit)"
        ).map(person)
    }

    /// What holds of the people whom ``named(_:limit:in:)`` finds; `nil` for a text without words.
    /// - Parameter column: the person's id in the statement that this becomes a part of.
    package static func condition(_ column: SQL, named text: String) -> SQL? {
        let words = Set(FoldedText.words(text).prefix(8)).sorted()
        guard let first = words.first else { return nil }
        return words.dropFirst().reduce(within(column, first)) { $0 + " AND " + within(column, $1) }
    }

    private static func within(_ column: SQL, _ word: String) -> SQL {
        // Past every word that begins so: the last code point follows all others in both databases' order.
        column + " IN (SELECT person FROM directory_word WHERE word >= \(word) AND word < \(word + "\u{10FFFD}"))"
    }

    private static func person(_ row: Row) throws -> Person {
        Person(id: try row(0), name: try row(1), email: try row(2), roles: roles(of: try row(3)), active: try row(4))
    }

    /// Roles as the column holds them: in order, separated by spaces.
    static func column(of roles: Set<String>) -> String {
        roles.sorted().joined(separator: " ")
    }
}

extension Directory {
    /// Ends sessions before their tokens do (X7). `until`: when the last token expires by itself.
    package static func revoke(_ sessions: [(id: ID, until: Instant)], in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO directory_revoked (session, until) VALUES (?, ?)
            ON CONFLICT (session) DO UPDATE SET until = excluded.until
            """, rows: sessions.map { [$0.id.stored, $0.until.stored] })
    }

    package static func isRevoked(session: ID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT until FROM directory_revoked WHERE session = \(session)") != nil
    }

    /// Whether there are revocations whose tokens have expired by themselves.
    package static func hasExpired(before now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT session FROM directory_revoked WHERE until < \(now) LIMIT 1") != nil
    }

    /// Forgets revocations whose tokens have expired by themselves. Returns how many; call again while there are
    /// `limit` of them.
    package static func forgetRevoked(before now: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
        try transaction.change(
            """
            DELETE FROM directory_revoked WHERE session IN (
                SELECT session FROM directory_revoked WHERE until < \(now) ORDER BY until LIMIT \(limit))
            """)
    }

    /// Puts the keys that tokens are checked with in the place of those before: `keys` are all that are valid.
    package static func putKeys(_ keys: [Key], in transaction: any Transaction) throws {
        try transaction.send("DELETE FROM directory_key")
        try transaction.send(
            "INSERT INTO directory_key (id, public, until) VALUES (?, ?, ?)",
            rows: keys.map { [.text($0.id), .blob($0.publicKey), $0.until.stored] })
    }

    /// Denies a person because an event of Identity about them had to be parked: it may be the one that takes a right
    /// away. Applying their events again lifts it.
    package static func deny(_ person: ID, in transaction: any Transaction) throws {
        try transaction.send("INSERT INTO directory_denied (person) VALUES (\(person)) ON CONFLICT (person) DO NOTHING")
    }

    package static func isDenied(_ person: ID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT person FROM directory_denied WHERE person = \(person)") != nil
    }

    package static func allow(_ people: [ID], in transaction: any Transaction) throws {
        guard try transaction.fetchOne("SELECT person FROM directory_denied LIMIT 1") != nil else { return }
        try transaction.send("DELETE FROM directory_denied WHERE person = ?", rows: people.map { [$0.stored] })
    }
}
