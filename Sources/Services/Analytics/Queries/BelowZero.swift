import Storage
import Values
import Web

/// People whose balance is below zero now.
struct BelowZero: Sendable {
    let person: ID
    let balance: Cents

    /// Its position in ``list(after:limit:in:)``.
    var place: KeyPair<Cents, ID> { KeyPair(balance, person) }

    static func count(in transaction: any Transaction) throws -> Int {
        let generation = try Generation.shown(in: transaction)
        return try transaction.value(
            "SELECT COUNT(*) FROM person_balance WHERE generation = \(generation) AND balance < 0") ?? 0
    }

    /// People below zero, the lowest balance first, after `place`.
    static func list(
        after place: KeyPair<Cents, ID>?, limit: Int, in transaction: any Transaction
    ) throws -> [BelowZero] {
        let generation = try Generation.shown(in: transaction)
        let after: SQL = place.map { "AND (balance, person) > (\($0.first), \($0.second))" } ?? ""
        return try transaction.fetch(
            """
            SELECT person, balance FROM person_balance WHERE generation = \(generation) AND balance < 0 \(after)
            ORDER BY balance, person LIMIT \(limit)
            """
        ).map { BelowZero(person: try $0(0), balance: try $0(1)) }
    }
}
