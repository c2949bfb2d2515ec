import Contracts
import Storage
import Values
import Web

/// Lets a person end a payout that was sent, by what the provider's statement says. Allowed only if the provider is
/// gone for good, so that nobody can ask it any more, or if it says that it paid another sum; and nobody can do this
/// for their own payout. In all other cases only the provider's own word counts.
struct SettleByHand: Sendable {
    /// The providers that can be asked.
    let known: Set<String>
    let take: RecordProviderAnswer

    static let longestNote = 200

    /// - Parameters:
    ///   - isPaid: `true`: paid, for good; `false`: not paid, and it can be sent again.
    ///   - note: the evidence, for people who look at it later; 1 to 200 characters.
    func callAsFunction(
        _ id: ID, isPaid: Bool, note: String, by person: ID, now: Instant, trace: String,
        in transaction: any Transaction
    ) throws {
        let note = note.words().joined(separator: " ")
        guard (1...SettleByHand.longestNote).contains(note.unicodeScalars.count), !note.unicodeScalars.contains("\0")
        else {
            throw Problem.invalid("note", "payouts.note")
        }
        guard let payout = try Payout.locked(id, in: transaction) else { throw Problem.notFound }
        guard payout.person != person else { throw Problem(403, "payouts.own") }
        guard payout.state == .sent, let attempt = try Attempt.of(id, payout.attempt, in: transaction),
            isForPerson(attempt)
        else { throw Problem.conflict("payouts.not-orphaned") }
        try take(
            PaymentAnswer(isPaid ? .paid : .refused, attempt: attempt.number, reason: note), of: id,
            from: attempt.provider, now: now, in: transaction)
        try transaction.send(
            "UPDATE attempt SET settled_by = \(person) WHERE payout = \(id) AND number = \(attempt.number)")
        try payout.tell(
            isPaid ? .paid : .refused, by: person, note: note, at: now, trace: trace, to: take.journal, in: transaction)
    }

    /// Whether a person has to say how it ended.
    func isForPerson(_ attempt: Attempt) -> Bool { !known.contains(attempt.provider) || attempt.disputed != nil }
}
