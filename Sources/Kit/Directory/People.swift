import Storage
import Values

extension Directory {
    /// Stores people in their current state, replacing what was stored before. Later ones win over earlier ones.
    package static func put(_ people: [Person], in transaction: any Transaction) throws {
        // By the folded name: a process of a version before 0.6.0 changes the name alone.
        let known = try folded(people.map(\.id), in: transaction)
        let latest = Dictionary(people.map { ($0.id, $0.name) }, uniquingKeysWith: { $1 })
        let renamed = latest.filter { known[$0.key] != FoldedText.text($0.value) }.sorted { $0.key < $1.key }
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

    private static func folded(_ ids: [ID], in transaction: any Transaction) throws -> [ID: String] {
        let rows = try transaction.fetch(in: Set(ids).sorted()) {
            "SELECT id, folded FROM directory_person WHERE id IN (\(list: $0))"
        }
        var found: [ID: String] = [:]
        for row in rows { found[try row(0)] = try row(1) }
        return found
    }

    package static func put(_ person: Person, in transaction: any Transaction) throws {
        try put([person], in: transaction)
    }

    /// A person as this service knows them; `nil` if it does not know them.
    package static func person(_ id: ID, in transaction: any Transaction) throws -> Person? {
        try transaction.fetchOne("SELECT id, name, email, roles, active FROM directory_person WHERE id = \(id)")
            .map(person)
    }

    /// Several people at once, for names beside rows. People that this service does not know are missing.
    package static func people(_ ids: some Collection<ID>, in transaction: any Transaction) throws -> [ID: Person] {
        let rows = try transaction.fetch(in: Set(ids).sorted()) {
            "SELECT id, name, email, roles, active FROM directory_person WHERE id IN (\(list: $0))"
        }
        var found: [ID: Person] = [:]
        for row in rows {
            let person = try person(row)
            found[person.id] = person
        }
        return found
    }

    /// All people in the order of ids; `after` is the last one of the previous page.
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

    /// People whose names match: each word of the text must begin a word of the name, whatever the case and the
    /// accents. Sorted by folded name; empty for a text without words.
    package static func named(_ text: String, limit: Int, in transaction: any Transaction) throws -> [Person] {
        guard let condition = condition("id", named: text) else { return [] }
        return try transaction.fetch(
            "SELECT id, name, email, roles, active FROM directory_person WHERE "
                + condition + " ORDER BY folded, id LIMIT \(limit)"
        ).map(person)
    }

    /// An SQL condition for the people that ``named(_:limit:in:)`` finds; `nil` for a text without words.
    /// - Parameter column: the person's id in the surrounding statement.
    package static func condition(_ column: SQL, named text: String) -> SQL? {
        let words = Set(FoldedText.words(text).prefix(8)).sorted()
        guard let first = words.first else { return nil }
        return words.dropFirst().reduce(within(column, first)) { $0 + " AND " + within(column, $1) }
    }

    private static func within(_ column: SQL, _ word: String) -> SQL {
        // An upper bound for the words with this beginning: the last code point sorts after all others in both
        // databases.
        column + " IN (SELECT person FROM directory_word WHERE word >= \(word) AND word < \(word + "\u{10FFFD}"))"
    }

    private static func person(_ row: Row) throws -> Person {
        Person(id: try row(0), name: try row(1), email: try row(2), roles: roles(of: try row(3)), active: try row(4))
    }

    /// Roles in the form of the column: sorted, separated by spaces.
    static func column(of roles: Set<String>) -> String {
        roles.sorted().joined(separator: " ")
    }
}

extension Directory {
    /// Ends sessions before their tokens expire (X7). `until` is the time when the last token expires by itself.
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

    /// Whether there are revocations whose tokens have expired anyway.
    package static func hasExpired(before now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT session FROM directory_revoked WHERE until < \(now) LIMIT 1") != nil
    }

    /// Deletes revocations whose tokens have expired anyway. Returns how many; call again while it returns `limit`.
    package static func forgetRevoked(before now: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
        try transaction.change(
            """
            DELETE FROM directory_revoked WHERE session IN (
                SELECT session FROM directory_revoked WHERE until < \(now) ORDER BY until LIMIT \(limit))
            """)
    }

    /// Replaces the keys for checking tokens: `keys` are all that are valid.
    package static func putKeys(_ keys: [Key], in transaction: any Transaction) throws {
        try transaction.send("DELETE FROM directory_key")
        try transaction.send(
            "INSERT INTO directory_key (id, public, until) VALUES (?, ?, ?)",
            rows: keys.map { [.text($0.id), .blob($0.publicKey), $0.until.stored] })
    }

    /// Denies a person access, because an Identity event about them had to be parked: it may be the one that takes a
    /// right away. The denial ends when their events are applied again.
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
