import Storage
import Values

/// While it lasts, nothing new is handed to a provider: after a restore, because what the backup calls pending may have
/// been paid since; because a provider says that it has paid another sum than was asked for; or because somebody wants a
/// look first.
struct Hold: Hashable, Sendable {
    let since: Instant
    /// Who set it; `nil` where it came about by itself.
    let by: ID?

    static func current(in transaction: any Transaction) throws -> Hold? {
        try transaction.fetchOne(
            "SELECT since, set_by FROM hold WHERE released_at IS NULL ORDER BY number LIMIT 1"
        ).map { Hold(since: try $0(0), by: try $0(1)) }
    }

    /// Whether there is none, and none begins before this transaction ends: what is handed to a provider after a hold
    /// was acknowledged was marked as sent before it.
    static func isOff(in transaction: any Transaction) throws -> Bool {
        _ = try transaction.fetchSharing("SELECT one FROM vault WHERE one = 1")
        return try current(in: transaction) == nil
    }

    /// How many payouts are with the provider: a hold does not bring them back.
    static func sent(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM payout WHERE state = 'sent'") ?? 0
    }

    /// Nothing changes where one lasts already.
    static func set(by person: ID?, at now: Instant, in transaction: any Transaction) throws {
        _ = try transaction.fetchLocking("SELECT one FROM vault WHERE one = 1")
        guard try current(in: transaction) == nil else { return }
        try transaction.send("INSERT INTO hold (since, set_by) VALUES (\(now), \(person.stored))")
    }

    /// Returns whether there was one.
    static func release(by person: ID, at now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.change(
            "UPDATE hold SET released_at = \(now), released_by = \(person) WHERE released_at IS NULL") > 0
    }
}
