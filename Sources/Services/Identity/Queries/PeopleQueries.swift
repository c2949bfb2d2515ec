import Directory
import Storage
import Values
import Web

/// Queries for people.
enum PeopleQueries {
    /// A person in the list by name, and their position in it.
    struct Listed: Sendable {
        let person: Person
        let folded: String

        var key: KeyPair<String, ID> { KeyPair(folded, person.id) }
    }

    static func person(_ id: ID, in transaction: any Transaction) throws -> Person {
        guard let person = try Directory.person(id, in: transaction) else { throw Problem.notFound }
        return person
    }

    /// The id of the account with this e-mail address, in any spelling of it.
    static func id(email: String, in transaction: any Transaction) throws -> ID? {
        let key = MailAddress.key(email)
        guard !key.isEmpty, key.utf8.count <= 1024 else { return nil }
        return try transaction.value("SELECT id FROM identity_person WHERE email_key = \(key)")
    }

    /// People by name. With a search, only people for whom each word of it begins a word of their name or e-mail
    /// address. A search that contains no word finds nobody.
    static func list(
        search: String?, after: KeyPair<String, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [Listed] {
        var conditions: [SQL] = []
        let words = words(search ?? "")
        if words.isEmpty, !(search ?? "").words().isEmpty { return [] }
        for word in words {
            // The end of the range of all words with this beginning: the last code point sorts last in both databases.
            conditions.append(
                "d.id IN (SELECT person FROM identity_word WHERE word >= \(word) AND word < \(word + "\u{10FFFD}"))")
        }
        if let after { conditions.append("(d.folded, d.id) > (\(after.first), \(after.second))") }
        var sql: SQL = """
            SELECT d.id, d.name, d.email, d.roles, d.active, d.folded FROM directory_person d
            """
        for (index, condition) in conditions.enumerated() { sql = sql + (index == 0 ? " WHERE " : " AND ") + condition }
        return try transaction.fetch(sql + " ORDER BY d.folded, d.id LIMIT \(limit)").map { row in
            let person = Person(
                id: try row(0), name: try row(1), email: try row(2), roles: Directory.roles(of: try row(3)),
                active: try row(4))
            return Listed(person: person, folded: try row(5))
        }
    }

    private static func words(_ search: String) -> [String] {
        if search.has("@") { return [PersonRules.address(search.trimmed())] }
        return Set(FoldedText.words(search)).sorted()
    }

    static func history(
        of person: ID, before: ID?, limit: Int, in transaction: any Transaction
    ) throws -> [HistoryEntry] {
        var sql: SQL = """
            SELECT h.id, h.at, h.by_person, d.name, h.what, h.detail FROM identity_history h
            LEFT JOIN directory_person d ON d.id = h.by_person WHERE h.person = \(person)
            """
        if let before { sql = sql + " AND h.id < \(before)" }
        return try transaction.fetch(sql + " ORDER BY h.id DESC LIMIT \(limit)").map { row in
            HistoryEntry(
                id: try row(0), at: try row(1), by: try row(2), byName: try row(3), what: try row(4), detail: try row(5)
            )
        }
    }

    static func hasPassword(_ person: ID, in transaction: any Transaction) throws -> Bool {
        try transaction.fetchOne("SELECT person FROM identity_credential WHERE person = \(person)") != nil
    }

    /// A person's stored password; `nil` if there is none, or if Identity did not store it for this person (X60).
    static func credential(_ person: ID, _ sealing: Sealing, in transaction: any Transaction) throws -> PasswordHash? {
        guard
            let row = try transaction.fetchOne(
                "SELECT \(credentialColumns) FROM identity_credential WHERE person = \(person)")
        else { return nil }
        let credential = try credential(row, sealing)
        return credential.isRight ? credential.hash : nil
    }

    private static let credentialColumns: SQL = "person, salt, hash, rounds, block, parallel, code"

    private static func credential(_ row: Row, _ sealing: Sealing) throws -> (
        person: ID, hash: PasswordHash, isRight: Bool
    ) {
        let hash = PasswordHash(
            salt: try row(1), hash: try row(2),
            cost: HashCost(rounds: try row(3), block: try row(4), parallel: try row(5)))
        let (person, code): (ID, [UInt8]?) = (try row(0), try row(6))
        let isRight = hash.isWhole && code?.isSame(as: sealing.code(of: hash, person: person)) ?? false
        return (person, hash, isRight)
    }

    /// The people whose stored password was not stored by Identity, or was stored for somebody else.
    static func wrongCredentials(_ sealing: Sealing, in transaction: any Transaction) throws -> [ID] {
        var wrong: [ID] = []
        try transaction.forEach("SELECT \(credentialColumns) FROM identity_credential ORDER BY person") { row in
            let credential = try credential(row, sealing)
            if !credential.isRight { wrong.append(credential.person) }
        }
        return wrong
    }

    /// Adds codes to passwords that were stored before there were codes.
    static func giveCodes(_ sealing: Sealing, in transaction: any Transaction) throws {
        var codes: [[Value]] = []
        try transaction.forEach("SELECT \(credentialColumns) FROM identity_credential") { row in
            let (person, hash, _) = try credential(row, sealing)
            codes.append([sealing.code(of: hash, person: person).stored, person.stored])
        }
        try transaction.send("UPDATE identity_credential SET code = ? WHERE person = ?", rows: codes)
    }
}
