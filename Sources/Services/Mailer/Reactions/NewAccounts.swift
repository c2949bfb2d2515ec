import Directory
import Messaging
import Storage
import Values

/// Tells a person that an account was made for them, and where to sign in. Events carry no credentials, so the admin
/// hands over the link that sets the first password.
struct NewAccounts: Sendable {
    let queue: LetterQueue

    static let events: Set<String> = [PersonRegistered.type]

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        var drafts: [LetterQueue.Draft] = []
        for envelope in envelopes {
            let person = try envelope.event(PersonRegistered.self).person
            // An import registers people by name only.
            guard !person.email.isEmpty else { continue }
            drafts.append(
                LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: person.id, content: .account, time: envelope.time))
        }
        try queue.add(drafts, in: transaction)
    }
}
