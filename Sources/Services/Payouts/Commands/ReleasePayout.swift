import Contracts
import Messaging
import Storage
import Values
import Web

/// Releases a payout that is above the limit (X28). Nobody can release their own.
struct ReleasePayout: Sendable {
    let journal: Journal

    func callAsFunction(
        _ id: ID, to confirmed: String? = nil, by person: ID, now: Instant, trace: String,
        in transaction: any Transaction
    ) throws {
        guard let seen = try Payout.of(id, in: transaction) else { throw Problem.notFound }
        guard seen.person != person else { throw Problem(403, "payouts.own") }
        // As always before a payout becomes due, the payee is locked first, so that a destination set meanwhile is
        // seen.
        let payee = try Payee.locked([seen.person], in: transaction)[seen.person]
        try payee?.holds(to: confirmed)
        let due = payee?.sealed == nil ? nil : now
        let changed = try transaction.change(
            """
            UPDATE payout SET limited = 0, released_by = \(person), due_at = \(due.stored), changed_at = \(now)
            WHERE id = \(id) AND state = 'pending' AND limited = 1
            """)
        guard changed == 1 else { throw Problem.conflict("payouts.not-limited") }
        try seen.tell(.released, by: person, at: now, trace: trace, to: journal, in: transaction)
    }
}
