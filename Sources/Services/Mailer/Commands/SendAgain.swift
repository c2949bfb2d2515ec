import Storage
import Values
import Web
import ServiceKit

/// Sends a letter once more because a person asked for it. This is possible for kept letters, too.
struct SendAgain: Sendable {
    let transport: (any MailTransport)?

    func callAsFunction(_ id: ID, at now: Instant, in transaction: any Transaction) throws -> Letter {
        guard let letter = try Letter.of(id, in: transaction) else { throw Problem.notFound }
        guard transport != nil else { throw Problem.conflict("mailer.no-server") }
        guard letter.state != .waiting else { throw Problem.conflict("mailer.waiting-already") }
        guard letter.content != nil else { throw Problem.conflict("mailer.dropped") }
        try LetterQueue.addAgain(letter, at: now, in: transaction)
        guard let queued = try Letter.of(id, in: transaction) else { throw Problem.notFound }
        return queued
    }
}

/// A person decides about letters that are held after a restore: they may have been sent before.
enum ReleaseHold {
    static func perform(send: Bool, at now: Instant, in transaction: any Transaction) throws {
        guard try Outbox.read(in: transaction).heldAt != nil else { throw Problem.conflict("mailer.not-held") }
        if !send { try LetterQueue.keepWaiting(at: now, in: transaction) }
        try Outbox.release(in: transaction)
    }
}
