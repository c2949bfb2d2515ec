import Contracts
import Messaging
import Storage
import Values

/// Records what a provider says about a payout: as the answer to an order, when asked, or in a callback. The result is
/// the same however often the provider says it, and in whatever order:
///
/// - `paid` wins over everything else, once: the money is gone, so it is published and booked, whatever the state was.
/// - `refused` fails a sent payout, unless it is about an attempt before the present one, or from a provider other than
///   the one that the present attempt was sent to: such a provider never had it, and the true one may still pay.
/// - `accepted` keeps waiting; only from that provider, too.
/// - `paid` with a sum other than the payout's is not believed: nothing is booked, and payouts are held until a person
///   has looked.
struct RecordProviderAnswer: Sendable {
    let journal: Journal

    /// Returns whether the payout exists.
    @discardableResult
    func callAsFunction(
        _ answer: PaymentAnswer, of id: ID, from provider: String, now: Instant, in transaction: any Transaction
    ) throws -> Bool {
        guard let payout = try Payout.locked(id, in: transaction) else { return false }
        if answer.status == .paid, payout.state != .paid, let sum = answer.sum, sum != payout.sum {
            try dispute(payout, sum, answer, provider, now, transaction)
            return true
        }
        let isTheirs = try Attempt.of(id, payout.attempt, in: transaction)?.provider == provider
        switch (answer.status, payout.state) {
        case (.paid, .paid): break
        case (.paid, _): try paid(payout, answer, provider, now, transaction)
        case (.refused, .sent) where isTheirs && answer.attempt >= payout.attempt:
            try failed(payout, answer, provider, now, transaction)
        case (.accepted, .sent) where isTheirs && answer.attempt == payout.attempt:
            try transaction.send(
                """
                UPDATE attempt SET outcome = 'accepted', reference = \(answer.reference.stored), trouble = NULL
                WHERE payout = \(id) AND number = \(payout.attempt)
                """)
        default: break
        }
        return true
    }

    /// The ids are derived, so an answer that is repeated makes the same event.
    static func paidID(_ payout: ID) -> ID { payout.derived("payout-paid") }
    static func failedID(_ payout: ID, attempt: Int) -> ID { payout.derived("payout-failed \(attempt)") }

    private func paid(
        _ payout: Payout, _ answer: PaymentAnswer, _ provider: String, _ now: Instant, _ transaction: any Transaction
    ) throws {
        let attempt = max(1, payout.attempt, answer.attempt)
        try end(payout, attempt, .paid, answer, provider, now, transaction)
        try transaction.send(
            """
            UPDATE payout SET state = 'paid', attempt = \(attempt), due_at = NULL, changed_at = \(now)
            WHERE id = \(payout.id)
            """)
        try journal.append(
            PayoutPaid(
                payout: payout.id, person: payout.person, day: payout.day, sum: payout.sum,
                reference: answer.reference, time: now),
            id: RecordProviderAnswer.paidID(payout.id), at: now, trace: payout.trace, in: transaction)
    }

    /// Sets the hold once, even if the provider repeats the same answer.
    private func dispute(
        _ payout: Payout, _ sum: Cents, _ answer: PaymentAnswer, _ provider: String, _ now: Instant,
        _ transaction: any Transaction
    ) throws {
        let attempt = max(1, payout.attempt, answer.attempt)
        let words = "the provider says that it has paid \(sum.plain), and \(payout.sum.plain) was asked for"
        let known = try Attempt.of(payout.id, attempt, in: transaction)?.disputed
        guard known != sum else { return }
        try transaction.send(
            """
            INSERT INTO attempt (payout, number, provider, started_at, calls, outcome, trouble, disputed)
            VALUES (\(payout.id), \(attempt), \(provider), \(now), 0, 'open', \(words), \(sum))
            ON CONFLICT (payout, number) DO UPDATE SET trouble = excluded.trouble, disputed = excluded.disputed
            """)
        // The provider has the payout, whatever the state was before; a person decides what is true.
        try transaction.send(
            """
            UPDATE payout SET state = 'sent', attempt = \(attempt), due_at = \(now.adding(seconds: 3600)),
            changed_at = \(now) WHERE id = \(payout.id)
            """)
        try Hold.set(by: nil, at: now, in: transaction)
    }

    private func failed(
        _ payout: Payout, _ answer: PaymentAnswer, _ provider: String, _ now: Instant, _ transaction: any Transaction
    ) throws {
        // A higher attempt than ours was sent before a restore; the next one must be higher still.
        let attempt = max(payout.attempt, answer.attempt)
        if attempt > payout.attempt {
            try transaction.send(
                """
                UPDATE attempt SET outcome = 'refused', ended_at = \(now)
                WHERE payout = \(payout.id) AND number = \(payout.attempt)
                """)
        }
        try end(payout, attempt, .refused, answer, provider, now, transaction)
        try transaction.send(
            """
            UPDATE payout SET state = 'failed', attempt = \(attempt), due_at = NULL, changed_at = \(now)
            WHERE id = \(payout.id)
            """)
        try journal.append(
            PayoutFailed(
                payout: payout.id, person: payout.person, day: payout.day, sum: payout.sum, attempt: attempt,
                reason: answer.reason ?? "", time: now),
            id: RecordProviderAnswer.failedID(payout.id, attempt: attempt), at: now, trace: payout.trace,
            in: transaction)
    }

    /// Stores the outcome in the attempt's row. If only the provider knew of the attempt, the row is made here.
    private func end(
        _ payout: Payout, _ attempt: Int, _ outcome: Attempt.Outcome, _ answer: PaymentAnswer, _ provider: String,
        _ now: Instant, _ transaction: any Transaction
    ) throws {
        try transaction.send(
            """
            INSERT INTO attempt (payout, number, provider, started_at, calls, outcome, reason, reference, ended_at)
            VALUES (\(payout.id), \(attempt), \(provider), \(now), 0, \(outcome.rawValue), \(answer.reason.stored),
            \(answer.reference.stored), \(now))
            ON CONFLICT (payout, number) DO UPDATE SET outcome = excluded.outcome, reason = excluded.reason,
            reference = excluded.reference, ended_at = excluded.ended_at, trouble = NULL
            """)
    }
}
