import Contracts
import Directory
import Messaging
import Storage
import Values

/// Tells people that their way to sign in, their roles, or their destination was changed (X66), so that they notice
/// changes that they did not make. After a change of address, both addresses get a letter.
struct Warnings: Sendable {
    let queue: LetterQueue

    static let access: Set<String> = [AccessChanged.type]
    static let destinations: Set<String> = [DestinationChanged.type]

    func applyAccess(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        let events = try envelopes.map { ($0, try $0.event(AccessChanged.self)) }
        let people = try Directory.people(events.compactMap(\.1.by), in: transaction)
        try queue.add(
            events.flatMap { envelope, event in
                let by = event.by == event.person ? nil : event.by.flatMap { people[$0]?.name }
                let draft = LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: event.person,
                    content: .access(
                        .init(what: event.what, before: event.before, after: event.after, by: by, at: event.time)),
                    time: envelope.time)
                guard event.what == AccessChanged.What.email.rawValue, let old = event.before, !old.isEmpty else {
                    return [draft]
                }
                let toOld = LetterQueue.Draft(
                    id: envelope.id.derived("letter to the old address"), person: event.person, content: draft.content,
                    time: envelope.time, addressee: old)
                return [toOld, draft]
            }, in: transaction)
        // A person may have been denied because this event was parked; now they are allowed again.
        try Directory.allow(events.map(\.1.person), in: transaction)
    }

    func applyDestinations(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        try queue.add(
            envelopes.map { envelope in
                let event = try envelope.event(DestinationChanged.self)
                return LetterQueue.Draft(
                    id: envelope.id.derived("letter"), person: event.person,
                    content: .destination(.init(tail: event.tail, before: event.before, at: event.time)),
                    time: envelope.time)
            }, in: transaction)
    }
}
