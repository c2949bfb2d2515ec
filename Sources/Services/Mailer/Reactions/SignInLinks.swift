import Contracts
import Directory
import Messaging
import Storage
import Values

/// Letters with a link that signs a person in (S8).
struct SignInLinks: Sendable {
    let queue: LetterQueue

    static let events: Set<String> = [SignInLinkAsked.type]

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        try queue.add(
            envelopes.map { envelope in
                let event = try envelope.event(SignInLinkAsked.self)
                var draft = LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: event.person,
                    content: .link(.init(ask: event.ask, next: event.next)), time: envelope.time)
                draft.patience = Pauses.patienceOfLinks
                return draft
            }, in: transaction)
    }
}
