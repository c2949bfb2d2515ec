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
        let events = try envelopes.map { ($0, try $0.event(SignInLinkAsked.self)) }
        try queue.add(
            events.map { envelope, event in
                var draft = LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: event.person,
                    content: .link(.init(ask: event.ask, next: event.next)), time: envelope.time)
                draft.patience = Pauses.patienceOfLinks
                return draft
            }, in: transaction)
        // A person may have been denied because this event was parked; now they are allowed again.
        try Directory.allow(events.map(\.1.person), in: transaction)
    }
}
