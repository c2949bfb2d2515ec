import Storage
import Values
import Web

/// A person decides about letters that are held after a restore: they may have been sent before.
enum ReleaseHold {
    static func perform(send: Bool, at now: Instant, in transaction: any Transaction) throws {
        guard try Outbox.read(in: transaction).heldAt != nil else { throw Problem.conflict("mailer.not-held") }
        if !send { try LetterQueue.keepWaiting(at: now, in: transaction) }
        try Outbox.release(in: transaction)
    }
}
