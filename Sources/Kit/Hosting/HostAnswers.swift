import Messaging
import Schemas
import ServiceKit
import Storage
import Values
import Web

extension ServiceHost {
    /// The endpoints by which the service answers for its own data, beside those of its own.
    package var answers: [Endpoint] {
        service.answers + [
            HostQuestions.state.answered(by: service.name, reading: true) { [self] _, _, transaction in
                try state(in: transaction)
            },
            HostQuestions.publishAgain.answered(by: service.name, reading: false) { [self] place, _, transaction in
                try publishAgain(place, in: transaction)
                return Nothing()
            },
        ] + journalAnswers + (readsTopics ? parkedAnswers : [])
    }

    /// A service that takes no events has no tables for them.
    private var readsTopics: Bool { !service.reactions.isEmpty }

    /// How far it has come, as far as its own database and this process know.
    func state(in transaction: any Transaction) throws -> HostState {
        let cursors = try transaction.fetch("SELECT partition, numbered, published FROM journal_cursor")
        let unnumbered: Int64? = try transaction.value(
            "SELECT COUNT(*) FROM (SELECT 1 AS one FROM journal WHERE number IS NULL AND refused = 0 LIMIT 10000) AS few"
        )
        var checkpoints: [String: [Int: Int64]] = [:]
        // In an order: what reaches a statement is the same in every process.
        for topic in Set(service.reactions.map(\.topic)).sorted(by: { $0.name < $1.name }) {
            checkpoints[topic.name] = try Checkpoint.numbers(of: topic, in: transaction)
        }
        return HostState(
            numbered: Dictionary(uniqueKeysWithValues: try cursors.map { (try $0(0), try $0(1)) }),
            published: Dictionary(uniqueKeysWithValues: try cursors.map { (try $0(0), try $0(2)) }),
            unnumbered: unnumbered ?? 0, parked: readsTopics ? try Parked.counts(in: transaction) : [],
            checkpoints: checkpoints, alarms: alarms)
    }

    // MARK: The journal

    private var journalAnswers: [Endpoint] {
        let journal = JournalSearch(service: service.name)
        return [
            HostQuestions.events.answered(by: service.name, reading: true) { search, _, transaction in
                try journal.newest(search, in: transaction)
            },
            HostQuestions.audit.answered(by: service.name, reading: true) { [service] search, _, transaction in
                try JournalAudit(service).newest(search, in: transaction)
            },
            HostQuestions.event.answered(by: service.name, reading: true) { place, _, transaction in
                try journal.event(place, in: transaction)
            },
            HostQuestions.related.answered(by: service.name, reading: true) { search, _, transaction in
                try journal.related(search, in: transaction)
            },
            HostQuestions.isPublished.answered(by: service.name, reading: true) { place, _, transaction in
                let published: Int64? = try transaction.value(
                    "SELECT published FROM journal_cursor WHERE partition = \(place.partition)")
                return (published ?? 0) >= place.number
            },
        ]
    }

    // MARK: Others' events

    private var parkedAnswers: [Endpoint] {
        [
            HostQuestions.arrival.answered(by: service.name, reading: true) { place, _, transaction in
                let checkpoint = try Checkpoint.numbers(of: Topic(place.topic), in: transaction)[place.partition] ?? 0
                return Arrival(
                    isPast: checkpoint >= place.number,
                    parked: try Parked.show(
                        topic: place.topic, partition: place.partition, number: place.number, in: transaction))
            },
            HostQuestions.parked.answered(by: service.name, reading: true) { search, _, transaction in
                try Parked.list(
                    after: search.after.map { ($0.topic, $0.partition, $0.number) }, limit: min(search.limit, 201),
                    in: transaction)
            },
            HostQuestions.parkedEvent.answered(by: service.name, reading: true) { event, _, transaction in
                try Parked.show(id: event, in: transaction)
            },
            HostQuestions.replay.answered(by: service.name, reading: false) { [self] asked, call, transaction in
                try replay(asked, call, in: transaction)
            },
            HostQuestions.discard.answered(by: service.name, reading: false) { [self] discarding, call, transaction in
                try discard(discarding, call, in: transaction)
            },
        ]
    }

    private func replay(_ asked: Replaying, _ call: Call, in transaction: any Transaction) throws -> Bool {
        let isDue = try Parked.replay(
            topic: asked.topic, partition: asked.partition, number: asked.number, now: call.now, in: transaction)
        let event = try Parked.show(
            topic: asked.topic, partition: asked.partition, number: asked.number, in: transaction)
        // One that is parked no more was applied meanwhile: what an answer said, maybe, that was lost.
        guard isDue, let event else { return event == nil }
        try tell(.replayed, event.envelope, by: asked.by, reason: nil, call, in: transaction)
        return true
    }

    private func discard(_ asked: Discarding, _ call: Call, in transaction: any Transaction) throws -> Bool {
        guard let event = try Parked.show(id: asked.event, in: transaction) else { return false }
        // Asked again, as after an answer that was lost, it is done already.
        if let discarded = event.discarded { return discarded.by == asked.by && discarded.reason == asked.reason }
        let envelope = event.envelope
        let isDone = try Parked.discard(
            topic: envelope.topic, partition: envelope.partition, number: envelope.number, reason: asked.reason,
            by: asked.by, now: call.now, in: transaction)
        if isDone { try tell(.discarded, envelope, by: asked.by, reason: asked.reason, call, in: transaction) }
        return isDone
    }

    /// Publishes what was decided about a parked event.
    private func tell(
        _ what: ParkedDecided.What, _ event: Envelope, by person: ID?, reason: String?, _ call: Call,
        in transaction: any Transaction
    ) throws {
        let now = call.now
        // Of this request: an event may be tried again by hand several times.
        let id = event.id.derived("\(what.rawValue) \(call.trace) \(now.milliseconds)")
        try service.journal.append(
            ParkedDecided(
                event: event.id, from: event.topic, type: event.type, what: what.rawValue, by: person, reason: reason,
                time: now),
            id: id, at: now, trace: call.trace, in: transaction)
    }
}
