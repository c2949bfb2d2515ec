import Contracts
import Messaging
import ServiceKit
import Storage
import Values
import Web

/// Sends a letter once more because a person asked for it. This is possible for kept letters, too.
struct SendAgain: Sendable {
    let transport: (any MailTransport)?
    let journal: Journal

    func callAsFunction(
        _ id: ID, by person: ID, at now: Instant, trace: String, in transaction: any Transaction
    ) throws -> Letter {
        guard let letter = try Letter.of(id, in: transaction) else { throw Problem.notFound }
        guard transport != nil else { throw Problem.conflict("mailer.no-server") }
        guard letter.state != .waiting else { throw Problem.conflict("mailer.waiting-already") }
        // Only who asks for a link gets one.
        guard letter.kind != .link else { throw Problem.conflict("mailer.link") }
        guard letter.content != nil else { throw Problem.conflict("mailer.dropped") }
        try LetterQueue.addAgain(letter, at: now, in: transaction)
        guard let queued = try Letter.of(id, in: transaction) else { throw Problem.notFound }
        try journal.append(
            LetterRepeated(letter: id, person: queued.person, kind: queued.kind.rawValue, by: person, time: now),
            id: id.derived("letter-repeated \(queued.copies)"), at: now, trace: trace, in: transaction)
        return queued
    }
}
