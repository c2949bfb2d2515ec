import Storage
import Values

/// Deletes what has expired: sessions whose tokens have expired, links, used tickets, failed sign-ins. It deletes a few rows at a
/// time, so that nobody waits for it.
enum Forgetting {
    private static let slice = 500
    /// A token is refused when it expires; one more day allows for clocks that differ.
    private static let graceSeconds: Int64 = 86_400

    /// Whether anything has expired.
    static func isDue(at now: Instant, in transaction: any Transaction) throws -> Bool {
        let past = now.adding(seconds: -graceSeconds)
        return try
            (transaction.fetchOne("SELECT id FROM identity_session WHERE until < \(past) LIMIT 1") != nil
            || transaction.fetchOne("SELECT id FROM identity_welcome WHERE until < \(now) LIMIT 1") != nil
            || transaction.fetchOne("SELECT id FROM identity_spent WHERE until < \(now) LIMIT 1") != nil
            || Throttle.hasOld(now: now, in: transaction))
    }

    /// - Returns: whether there may be more.
    static func step(now: Instant, in transaction: any Transaction) throws -> Bool {
        let past = now.adding(seconds: -graceSeconds)
        let sessions = try transaction.change(
            """
            DELETE FROM identity_session WHERE id IN
            (SELECT id FROM identity_session WHERE until < \(past) ORDER BY until LIMIT \(slice))
            """)
        let links = try transaction.change(
            """
            DELETE FROM identity_welcome WHERE id IN
            (SELECT id FROM identity_welcome WHERE until < \(now) ORDER BY until LIMIT \(slice))
            """)
        let spent = try transaction.change(
            """
            DELETE FROM identity_spent WHERE id IN
            (SELECT id FROM identity_spent WHERE until < \(now) ORDER BY until LIMIT \(slice))
            """)
        let attempts = try Throttle.purge(now: now, in: transaction)
        return sessions == slice || links == slice || spent == slice || attempts
    }
}
