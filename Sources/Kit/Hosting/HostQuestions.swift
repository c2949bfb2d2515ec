import Messaging
import Schemas
import Values

/// What every service answers about itself, wherever it runs: for the operations pages (X42, X53), and for readers that
/// miss something in its topic.
package enum HostQuestions {
    /// How it is, for the overview.
    package static let state = Question<Nothing, HostState>("state", "How a service is")
    /// A stretch of its journal, newest first.
    package static let events = Question<EventSearch, EventStretch>("events", "Newest events of a journal")
    /// What its journal tells of changes by hand, newest first.
    package static let audit = Question<AuditSearch, JournalStretch<AuditEntry>>(
        "audit", "Changes by hand in a journal")
    /// A row of its journal; `nil` where there is none.
    package static let event = Question<EventPlace, JournalEvent?>("event", "One event of a journal")
    /// What it published because of one request.
    package static let related = Question<TraceSearch, [JournalEvent]>("related", "Events that a request set off")
    /// Whether the log has one of its events, as far as it knows.
    package static let isPublished =
        Question<LogPlace, Bool>("is-published", "Whether an event is known to be in the log")
    /// What it did with an event that it reads.
    package static let arrival = Question<LogPlace, Arrival>("arrival", "What became of another's event")
    /// Events that it could not apply.
    package static let parked = Question<ParkedSearch, [ParkedEvent]>("parked", "Parked events")
    /// One of them by its id; `nil` where it is not parked.
    package static let parkedEvent = Question<ID, ParkedEvent?>("parked-event", "One parked event")
    /// Has one tried again at once; `false` where that cannot be.
    package static let replay = Question<Replaying, Bool>("replay", "Try a parked event again")
    /// Gives one up for good; `false` where that cannot be.
    package static let discard = Question<Discarding, Bool>("discard", "Give up a parked event")
    /// Asked by whoever reads a topic and waits for what the log lacks there.
    package static let publishAgain = Question<LogPlace, Nothing>("publish-again", "Publish what the log lacks")
}

/// Where an event stands in a topic.
package struct LogPlace: Codable, Sendable, Hashable {
    package let topic: String
    package let partition: Int
    package let number: Int64

    package init(topic: String, partition: Int, number: Int64) {
        self.topic = topic
        self.partition = partition
        self.number = number
    }

    /// Where an event stands that came from there.
    package init(_ envelope: Envelope) {
        self.init(topic: envelope.topic, partition: envelope.partition, number: envelope.number)
    }
}

/// What a service has written, and how far it is with the others' events.
package struct HostState: Codable, Sendable {
    /// The last number given and the last one known to be in the log, per partition.
    let numbered: [Int: Int64]
    let published: [Int: Int64]
    /// Rows without a number yet; counted up to 10,000.
    let unnumbered: Int64
    /// Events of others that it could not apply, and gave up, per topic.
    package let parked: [ParkedCount]
    /// The last number applied, per topic and partition.
    package let checkpoints: [String: [Int: Int64]]
    /// What the process complains of that was asked; not known while its database is away.
    package let alarms: [String]

    /// All events of its journal.
    package var written: Int64 { numbered.values.reduce(unnumbered, +) }
    /// Of them, those that are not known to be in the log; those without a number are among them.
    package var unpublished: Int64 { written - published.values.reduce(0, +) }
}

/// A row of a service's journal.
package struct JournalEvent: Codable, Sendable {
    /// Whose journal it is.
    package let service: String
    /// Where it stands there.
    package let position: Int64
    package let id: ID
    package let name: String
    package let version: Int
    package let key: ID
    package let time: Instant
    /// The request that set it off.
    package let trace: String
    package let partition: Int
    /// `nil` until the relay has given it.
    package let number: Int64?
    /// The relay has found it to be no event: it has no right code.
    package let isRefused: Bool
    /// JSON.
    package let data: String
}

/// What a list of events is narrowed to.
package struct EventSearch: Codable, Sendable {
    package var name: String?
    package var key: ID?
    /// The position below which it begins; the end where it is not given.
    package var before: Int64?
    package var limit = 50

    /// All events.
    package init() {}

    /// Whether some events are left out.
    package var isNarrow: Bool { name != nil || key != nil }
}

/// What a list of changes by hand is narrowed to.
package struct AuditSearch: Codable, Sendable {
    package var area: AuditArea?
    /// Whoever did it, confirmed it, or is the one whom it is about.
    package var person: ID?
    /// From this moment on.
    package let from: Instant
    /// Before this one.
    package let until: Instant
    /// The position below which it begins; the end where it is not given.
    package var before: Int64?
    package var limit = 50

    package init(from: Instant, until: Instant) {
        self.from = from
        self.until = until
    }
}

/// A row of a journal that tells of a change by hand.
package struct AuditEntry: Codable, Sendable, JournalRow {
    package let service: String
    package let position: Int64
    package let time: Instant
    /// Of the event.
    package let name: String
    /// `nil` where the row cannot be read.
    package let id: ID?
    /// Of the event: what it is about.
    package let key: ID?
    /// `nil` where the row cannot be read as its event.
    package let audit: Audit?
    package let area: AuditArea?
    /// Whether its code holds. If not, somebody without the secret has written or changed the row.
    package let isRight: Bool
}

/// What has a place in a journal.
package protocol JournalRow: Codable, Sendable {
    var service: String { get }
    var position: Int64 { get }
    var time: Instant { get }
}

extension JournalEvent: JournalRow {}

/// Events of a journal, newest first.
package struct JournalStretch<Row: JournalRow>: Codable, Sendable {
    package let events: [Row]
    /// The position below which nothing was looked at; 0 where all was.
    package let floor: Int64
}

package typealias EventStretch = JournalStretch<JournalEvent>

/// What is known of an event that is looked for.
package enum EventPlace: Codable, Sendable {
    case position(Int64)
    case number(partition: Int, Int64)
    case id(ID)
}

/// A request whose events are looked for.
package struct TraceSearch: Codable, Sendable {
    let trace: String
    /// When the request was, about.
    let time: Instant

    package init(trace: String, time: Instant) {
        self.trace = trace
        self.time = time
    }
}

/// How a reader is with one event.
package struct Arrival: Codable, Sendable {
    /// The reader has gone past it.
    package let isPast: Bool
    /// It, where it is parked or given up.
    package let parked: ParkedEvent?
}

/// A page of parked events.
package struct ParkedSearch: Codable, Sendable {
    /// The last one of the page before.
    let after: LogPlace?
    let limit: Int

    package init(after: LogPlace?, limit: Int) {
        self.after = after
        self.limit = limit
    }
}

/// A parked event that is tried again, and for whom.
package struct Replaying: Codable, Sendable {
    // Laid out as ``LogPlace``: processes of versions before 0.9.0 ask with that.
    let topic: String
    let partition: Int
    let number: Int64
    /// `nil` from such a process.
    let by: ID?

    package init(_ place: LogPlace, by: ID) {
        (topic, partition, number) = (place.topic, place.partition, place.number)
        self.by = by
    }
}

/// A parked event that is given up, and by whom.
package struct Discarding: Codable, Sendable {
    let event: ID
    let reason: String
    let by: ID

    package init(event: ID, reason: String, by: ID) {
        self.event = event
        self.reason = reason
        self.by = by
    }
}
