import Contracts
import Messaging
import Storage
import Values
import Web

/// Has a failed payout sent again, to the person's present destination (X28). Only a failed one: the provider has said
/// for certain that it did not pay it. One that is above the limit, and was not released before, waits for its release.
struct RetryPayout: Sendable {
    let journal: Journal

    func callAsFunction(
        _ id: ID, to confirmed: String? = nil, by person: ID, now: Instant, trace: String,
        in transaction: any Transaction
    ) throws -> Payout {
        guard let seen = try Payout.of(id, in: transaction) else { throw Problem.notFound }
        let payee = try Payee.locked([seen.person], in: transaction)[seen.person]
        try payee?.holds(to: confirmed)
        // A release takes the payee's lock too, so this stays as it is read.
        let isLimited = try Payout.of(id, in: transaction)?.isLimited ?? true
        let due = payee?.sealed == nil || isLimited ? nil : now
        let changed = try transaction.change(
            """
            UPDATE payout SET state = 'pending', tries = 0, due_at = \(due.stored), asked_by = \(person), changed_at = \(now)
            WHERE id = \(id) AND state = 'failed'
            """)
        guard changed == 1, let payout = try Payout.of(id, in: transaction) else {
            throw Problem.conflict("payouts.not-failed")
        }
        try payout.tell(.retried, by: person, at: now, trace: trace, to: journal, in: transaction)
        return payout
    }
}
