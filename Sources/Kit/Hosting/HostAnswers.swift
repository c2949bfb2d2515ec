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
            HostQuestions.replay.answered(by: service.name, reading: false) { place, call, transaction in
                // One that is parked no more was applied meanwhile: what an answer said, maybe, that was lost.
                try Parked.replay(
                    topic: place.topic, partition: place.partition, number: place.number, now: call.now,
                    in: transaction)
                    || Parked.show(
                        topic: place.topic, partition: place.partition, number: place.number, in: transaction) == nil
            },
            HostQuestions.discard.answered(by: service.name, reading: false) { discarding, call, transaction in
                guard let event = try Parked.show(id: discarding.event, in: transaction) else { return false }
                // Asked again, as after an answer that was lost, it is done already.
                if let discarded = event.discarded {
                    return discarded.by == discarding.by && discarded.reason == discarding.reason
                }
                return try Parked.discard(
                    topic: event.envelope.topic, partition: event.envelope.partition, number: event.envelope.number,
                    reason: discarding.reason, by: discarding.by, now: call.now, in: transaction)
            },
        ]
    }
}
