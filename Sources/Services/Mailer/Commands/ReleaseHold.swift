import Contracts
import Messaging
import Storage
import Values
import Web

/// A person decides about letters that are held after a restore: they may have been sent before.
struct ReleaseHold: Sendable {
    let journal: Journal
    let installation: ID

    /// Returns how many letters waited.
    @discardableResult
    func callAsFunction(
        send: Bool, by person: ID, at now: Instant, trace: String, in transaction: any Transaction
    ) throws -> Int {
        guard try Outbox.read(in: transaction).heldAt != nil else { throw Problem.conflict("mailer.not-held") }
        let waiting = try LetterList.waiting(in: transaction)
        if !send { try LetterQueue.keepWaiting(at: now, in: transaction) }
        try Outbox.release(in: transaction)
        try journal.append(
            LettersReleased(installation: installation, sent: send, letters: waiting, by: person, time: now),
            id: installation.derived("letters-released \(now.milliseconds)"), at: now, trace: trace, in: transaction)
        return waiting
    }
}
