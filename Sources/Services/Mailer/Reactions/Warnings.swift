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
        let named = events.flatMap { [$0.1.by, $0.1.also?.isEmpty == false ? $0.1.person : nil].compactMap(\.self) }
        let people = try Directory.people(named, in: transaction)
        let drafts = events.filter { $0.1.told ?? true }.flatMap { Warnings.drafts(of: $0.1, $0.0, people) }
        try queue.add(drafts, in: transaction)
        // A person may have been denied because this event was parked; now they are allowed again.
        try Directory.allow(events.map(\.1.person), in: transaction)
    }

    /// The letter to the person; after a change of address, one to the old address; and those to others who are told.
    private static func drafts(
        of event: AccessChanged, _ envelope: Envelope, _ people: [ID: Person]
    ) -> [LetterQueue.Draft] {
        let by = event.by == event.person ? nil : event.by.flatMap { people[$0]?.name }
        var access = LetterContent.Access(
            what: event.what, before: event.before, after: event.after, by: by, at: event.time)
        let own = LetterQueue.Draft(
            id: envelope.id.derived("letter"), person: event.person, content: .access(access), time: envelope.time)
        var drafts = [own]
        if event.what == AccessChanged.What.email.rawValue, let old = event.before, !old.isEmpty {
            let toOld = LetterQueue.Draft(
                id: envelope.id.derived("letter to the old address"), person: event.person, content: own.content,
                time: envelope.time, addressee: old)
            drafts.insert(toOld, at: 0)
        }
        access.whose = people[event.person]?.name ?? "–"
        for other in event.also ?? [] where other != event.person {
            drafts.append(
                LetterQueue.Draft(
                    id: envelope.id.derived("letter to \(other)"), person: other, content: .access(access),
                    time: envelope.time))
        }
        return drafts
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
