import Storage
import Values

/// During a hold, nothing new is sent to a provider. A hold begins after a restore, because payouts that are pending in
/// the backup may have been paid since; when a provider says that it paid another sum than was asked for; or when a
/// person wants to look first.
struct Hold: Hashable, Sendable {
    let since: Instant
    /// Who set it; `nil` if the program did.
    let by: ID?

    static func current(in transaction: any Transaction) throws -> Hold? {
        try transaction.fetchOne(
            "SELECT since, set_by FROM hold WHERE released_at IS NULL ORDER BY number LIMIT 1"
        ).map { Hold(since: try $0(0), by: try $0(1)) }
    }

    /// Whether there is no hold, and none can begin before this transaction ends. So anything that goes to a provider
    /// after a hold was acknowledged was marked as sent before the hold.
    static func isOff(in transaction: any Transaction) throws -> Bool {
        _ = try transaction.fetchSharing("SELECT one FROM vault WHERE one = 1")
        return try current(in: transaction) == nil
    }

    /// How many payouts the provider has already; a hold does not bring them back.
    static func sent(in transaction: any Transaction) throws -> Int {
        try transaction.value("SELECT COUNT(*) FROM payout WHERE state = 'sent'") ?? 0
    }

    /// Changes nothing if there is a hold already. Returns whether this is the one that holds.
    @discardableResult
    static func set(by person: ID?, at now: Instant, in transaction: any Transaction) throws -> Bool {
        _ = try transaction.fetchLocking("SELECT one FROM vault WHERE one = 1")
        guard try current(in: transaction) == nil else { return false }
        try transaction.send("INSERT INTO hold (since, set_by) VALUES (\(now), \(person.stored))")
        return true
    }

    /// Returns whether there was a hold.
    static func release(by person: ID, at now: Instant, in transaction: any Transaction) throws -> Bool {
        try transaction.change(
            "UPDATE hold SET released_at = \(now), released_by = \(person) WHERE released_at IS NULL") > 0
    }
}
