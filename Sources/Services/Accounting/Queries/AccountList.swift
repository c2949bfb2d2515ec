import Directory
import Ledger
import Storage
import Values
import Web

/// Everybody's accounts, in the order of names.
struct AccountLine: Hashable, Sendable {
    let person: ID
    let name: String
    let balance: Cents

    /// Its position in the order of names.
    var place: KeyPair<String, ID> { KeyPair(FoldedText.text(name), person) }

    /// Accounts after `cursor` by name, if each word of `text` begins a word of the name. Case and accents don't
    /// matter.
    static func list(
        search text: String?, after cursor: KeyPair<String, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [AccountLine] {
        var conditions: SQL = ""
        if let text {
            guard let named = Directory.condition("p.id", named: text) else { return [] }
            conditions = " AND " + named
        }
        if let cursor { conditions = conditions + " AND (p.folded, p.id) > (\(cursor.first), \(cursor.second))" }
        return try transaction.fetch(
            "SELECT p.id, p.name, a.balance FROM directory_person p JOIN account a ON a.id = p.id WHERE 1 = 1"
                + conditions + " ORDER BY p.folded, p.id LIMIT \(limit)"
        ).map { AccountLine(person: try $0(0), name: try $0(1), balance: try $0(2)) }
    }

    /// The accounts that would be paid if the day ended now, after `cursor`, in the order of accounts.
    static func payable(after cursor: ID?, limit: Int, in transaction: any Transaction) throws -> [AccountLine] {
        try transaction.fetch(
            """
            SELECT a.id, COALESCE(p.name, ''), a.balance FROM account a LEFT JOIN directory_person p ON p.id = a.id
            WHERE a.balance > 0 AND a.id > \(cursor?.bytes ?? []) ORDER BY a.id LIMIT \(limit)
            """
        ).map { AccountLine(person: try $0(0), name: try $0(1), balance: try $0(2)) }
    }

    /// How many accounts would be paid, and how much in all. Reads each account once; there are as many as people.
    static func payableTotal(in transaction: any Transaction) throws -> (people: Int, sum: Cents) {
        let row = try transaction.fetchOne(
            "SELECT COUNT(*), CAST(COALESCE(SUM(balance), 0) AS BIGINT) FROM account WHERE balance > 0")
        return (try row?(0) ?? 0, try row?(1) ?? .zero)
    }

    static func name(of person: ID, in transaction: any Transaction) throws -> String? {
        try transaction.value("SELECT name FROM directory_person WHERE id = \(person)")
    }
}
