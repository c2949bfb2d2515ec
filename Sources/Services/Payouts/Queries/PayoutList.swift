import Directory
import Schemas
import Storage
import Values

/// Payouts in a list, the newest first: sorted by id, so in the order of the days whose closes requested them.
struct PayoutLine: Hashable, Sendable {
    let payout: Payout
    /// Empty if it is not known yet.
    let name: String
    /// The last four characters of the destination that it was sent to, or would be sent to.
    let tail: String?
    let reason: String?
    /// A hold is on: nothing new is sent to the provider.
    let isHeld: Bool

    /// What a pending payout waits for.
    enum Wait: String, CaseIterable, JSONWord {
        case destination
        /// It is above the limit.
        case limit
        case release
        case turn
    }

    var waitsFor: Wait? {
        guard payout.state == .pending else { return nil }
        if payout.isLimited { return .limit }
        return payout.dueAt == nil ? .destination : isHeld ? .release : .turn
    }

    struct Filter: Sendable {
        var state: Payout.State?
        var person: ID?
    }

    /// Payouts before `cursor`.
    static func list(
        _ filter: Filter, before cursor: ID?, limit: Int, in transaction: any Transaction
    ) throws -> [PayoutLine] {
        let state: SQL = filter.state.map { "AND state = \($0.rawValue)" } ?? ""
        let person: SQL = filter.person.map { "AND person = \($0)" } ?? ""
        let before: SQL = cursor.map { "AND id < \($0)" } ?? ""
        let payouts = try transaction.fetch(
            """
            SELECT \(Payout.columns) FROM payout WHERE 1 = 1 \(state) \(person) \(before)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map(Payout.init)
        return try lines(payouts, in: transaction)
    }

    static func of(_ id: ID, in transaction: any Transaction) throws -> PayoutLine? {
        guard let payout = try Payout.of(id, in: transaction) else { return nil }
        return try lines([payout], in: transaction).first
    }

    private static func lines(_ payouts: [Payout], in transaction: any Transaction) throws -> [PayoutLine] {
        let people = try Directory.people(payouts.map(\.person), in: transaction)
        let isHeld = try Hold.current(in: transaction) != nil
        return try payouts.map { payout in
            let attempt = try Attempt.of(payout.id, payout.attempt, in: transaction)
            var tail = attempt?.tail
            if payout.state == .pending { tail = try Payee.shown(payout.person, in: transaction)?.tail }
            return PayoutLine(
                payout: payout, name: people[payout.person]?.name ?? "", tail: tail,
                reason: payout.state == .failed ? attempt?.reason : payout.state == .sent ? attempt?.trouble : nil,
                isHeld: isHeld)
        }
    }

    /// How many payouts would be sent now if there were no hold, and how much in all.
    static func ready(in transaction: any Transaction) throws -> (count: Int, sum: Cents) {
        let row = try transaction.fetchOne(
            """
            SELECT COUNT(*), CAST(COALESCE(SUM(sum), 0) AS BIGINT) FROM payout
            WHERE state = 'pending' AND due_at IS NOT NULL AND limited = 0
            """)
        return (try row?(0) ?? 0, try row?(1) ?? .zero)
    }

    /// How many payouts are not paid, and how much in all, by state. Reads only those.
    static func open(in transaction: any Transaction) throws -> [Payout.State: (count: Int, sum: Cents)] {
        var found: [Payout.State: (count: Int, sum: Cents)] = [:]
        for state in Payout.State.allCases where state != .paid {
            let row = try transaction.fetchOne(
                """
                SELECT COUNT(*), CAST(COALESCE(SUM(sum), 0) AS BIGINT) FROM payout WHERE state = \(state.rawValue)
                """)
            found[state] = (try row?(0) ?? 0, try row?(1) ?? .zero)
        }
        return found
    }
}
