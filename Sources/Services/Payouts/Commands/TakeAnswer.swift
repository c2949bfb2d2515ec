import Contracts
import Messaging
import Storage
import Values

/// Records what a provider says of a payout: as its answer, when asked, or by itself. However often it says so, and in
/// whatever order, the same comes out:
///
/// - `paid` wins over everything, once: the money is gone, so it is told and booked, whatever stood here before.
/// - `refused` fails what is sent, unless it speaks of an attempt before the present one.
/// - `accepted` keeps waiting.
/// - `paid` with another sum than the payout's is not believed: it is booked nowhere, and payouts are held until a
///   person has looked.
struct TakeAnswer: Sendable {
    let journal: Journal

    /// Returns whether there is such a payout.
    @discardableResult
    func callAsFunction(
        _ answer: PaymentAnswer, of id: ID, from provider: String, now: Instant, in transaction: any Transaction
    ) throws -> Bool {
        guard let payout = try Payout.locked(id, in: transaction) else { return false }
        if answer.status == .paid, payout.state != .paid, let sum = answer.sum, sum != payout.sum {
            try dispute(payout, sum, answer, provider, now, transaction)
            return true
        }
        switch (answer.status, payout.state) {
        case (.paid, .paid): break
        case (.paid, _): try paid(payout, answer, provider, now, transaction)
        case (.refused, .sent) where answer.attempt >= payout.attempt:
            try failed(payout, answer, provider, now, transaction)
        case (.accepted, .sent) where answer.attempt == payout.attempt:
            try transaction.send(
                """
                UPDATE attempt SET outcome = 'accepted', reference = \(answer.reference.stored), trouble = NULL
                WHERE payout = \(id) AND number = \(payout.attempt)
                """)
        default: break
        }
        return true
    }

    /// The derived ids: what is told again is the same event.
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
            id: TakeAnswer.paidID(payout.id), at: now, trace: payout.trace, in: transaction)
    }

    /// Holds once for what is said again and again.
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
        // It is with the provider, whatever stood here; a person says what is true.
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
        // A higher one than ours was sent before a restore; the next must be higher still.
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
            id: TakeAnswer.failedID(payout.id, attempt: attempt), at: now, trace: payout.trace, in: transaction)
    }

    /// The attempt's row with its outcome; made here where only the provider knew of it.
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
