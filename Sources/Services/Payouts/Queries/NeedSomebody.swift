import Storage
import Values

/// How many payouts wait for a person. It is for the navigation, so each kind is counted up to `limit`, and payouts
/// that need nobody are not read.
enum NeedSomebody {
    /// How many of the latest pending payouts are searched for those above the limit.
    private static let window = 500

    /// - Parameter known: the providers that can be asked.
    static func count(known: Set<String>, limit: Int, in transaction: any Transaction) throws -> Int {
        var count = try few("SELECT id FROM payout WHERE state = 'failed' LIMIT \(limit)", in: transaction)
        if try Hold.current(in: transaction) != nil {
            count += try few(
                """
                SELECT id FROM payout WHERE state = 'pending' AND due_at IS NOT NULL AND limited = 0 LIMIT \(limit)
                """, in: transaction)
        }
        let pending: Int? = try transaction.value(
            """
            SELECT COUNT(*) FROM (SELECT limited FROM payout WHERE state = 'pending' ORDER BY id DESC LIMIT \(window))
            AS few WHERE limited = 1
            """)
        // Payouts whose outcome a person must decide have been with their provider longest, so the oldest are read.
        let sent: Int? = try transaction.value(
            """
            SELECT COUNT(*) FROM (SELECT id, attempt FROM payout WHERE state = 'sent' ORDER BY id LIMIT \(limit)) AS few
            WHERE EXISTS (SELECT 1 FROM attempt a WHERE a.payout = few.id AND a.number = few.attempt
            AND (a.disputed IS NOT NULL OR a.provider NOT IN (\(list: known.sorted()))))
            """)
        return count + (pending ?? 0) + (sent ?? 0)
    }

    private static func few(_ rows: SQL, in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM (\(rows)) AS few") ?? 0
    }
}
