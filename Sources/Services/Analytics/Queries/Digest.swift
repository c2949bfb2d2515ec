import Crypto
import Storage
import Values

/// A hash over all figures of a generation. The same set of events gives the same hash, whatever the order in which
/// they came and their places in the log.
enum Digest {
    /// Everything that is shown, in an order that depends only on the figures. Numbers are used only to order a
    /// person's operations.
    private static let parts: [(name: String, sql: @Sendable (Int) -> SQL)] = [
        (
            "days",
            {
                """
                SELECT day, fees, rewards, operations, closes, below_zero, sealed_operations, sealed_accounts
                FROM day_figure WHERE generation = \($0) ORDER BY day
                """
            }
        ),
        (
            "dearest",
            {
                """
                SELECT day, sum, event, task, title, jira_id, person FROM dearest WHERE generation = \($0) ORDER BY day
                """
            }
        ),
        (
            "people by day",
            {
                """
                SELECT day, person, operations, charged, rewarded, corrected, paid, balance FROM person_day
                WHERE generation = \($0) ORDER BY day, person
                """
            }
        ),
        (
            "balances",
            { "SELECT person, balance FROM person_balance WHERE generation = \($0) ORDER BY person" }
        ),
        (
            "operations",
            {
                """
                SELECT day, person, id, kind, sum, balance, task, title, jira_id, reason, time FROM operation
                WHERE generation = \($0) ORDER BY day, person, number
                """
            }
        ),
    ]

    /// Lower-case hexadecimal SHA-256. Reads every row once.
    static func of(_ generation: Int, in transaction: any Transaction) throws -> String {
        var hash = SHA256()
        var bytes: [UInt8] = []
        for part in parts {
            hash.update(data: Array(part.name.utf8))
            try transaction.forEach(part.sql(generation)) { row in
                bytes.removeAll(keepingCapacity: true)
                for value in row.values { value.append(to: &bytes) }
                hash.update(data: bytes)
            }
        }
        let digits = Array("0123456789abcdef")
        return String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
