import Messaging
import Values
import Web

/// What every service answers about itself, wherever it runs: for the operations pages (X42, X53), and for readers that
/// miss something in its topic.
package enum HostQuestions {
    static let state = Question<Nothing, HostState>("state", "How a service is")
    static let events = Question<EventSearch, EventStretch>("events", "Newest events of a journal")
    static let event = Question<EventPlace, JournalEvent?>("event", "One event of a journal")
    static let related = Question<TraceSearch, [JournalEvent]>("related", "Events that a request set off")
    static let isPublished = Question<LogPlace, Bool>("is-published", "Whether an event is known to be in the log")
    static let arrival = Question<LogPlace, Arrival>("arrival", "What became of another's event")
    static let parked = Question<ParkedSearch, [ParkedEvent]>("parked", "Parked events")
    static let parkedEvent = Question<ID, ParkedEvent?>("parked-event", "One parked event")
    static let replay = Question<LogPlace, Bool>("replay", "Try a parked event again")
    static let discard = Question<Discarding, Bool>("discard", "Give up a parked event")
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

    init(_ envelope: Envelope) {
        self.init(topic: envelope.topic, partition: envelope.partition, number: envelope.number)
    }
}

/// What a service has written, and how far it is with the others' events.
struct HostState: Codable, Sendable {
    /// The last number given and the last one known to be in the log, per partition.
    let numbered: [Int: Int64]
    let published: [Int: Int64]
    /// Rows without a number yet; counted up to 10,000.
    let unnumbered: Int64
    let parked: [ParkedCount]
    /// The last number applied, per topic and partition.
    let checkpoints: [String: [Int: Int64]]
    /// What the process complains of that was asked; not known while its database is away.
    let alarms: [String]

    var written: Int64 { numbered.values.reduce(unnumbered, +) }
    var unpublished: Int64 { written - published.values.reduce(0, +) }
}

/// A row of a service's journal.
struct JournalEvent: Codable, Sendable {
    let service: String
    let position: Int64
    let id: ID
    let name: String
    let version: Int
    let key: ID
    let time: Instant
    let trace: String
    let partition: Int
    /// `nil` until the relay has given it.
    let number: Int64?
    /// The relay has found it to be no event: it has no right code.
    let isRefused: Bool
    /// JSON.
    let data: String
}

/// What a list of events is narrowed to.
struct EventSearch: Codable, Sendable {
    var name: String?
    var key: ID?
    /// The position below which it begins; the end where it is not given.
    var before: Int64?
    var limit = 50

    var isNarrow: Bool { name != nil || key != nil }
}

/// Events of a journal, newest first.
struct EventStretch: Codable, Sendable {
    let events: [JournalEvent]
    /// The position below which nothing was looked at; 0 where all was.
    let floor: Int64
}

/// What is known of an event that is looked for.
enum EventPlace: Codable, Sendable {
    case position(Int64)
    case number(partition: Int, Int64)
    case id(ID)
}

struct TraceSearch: Codable, Sendable {
    let trace: String
    /// When the request was, about.
    let time: Instant
}

/// How a reader is with one event.
struct Arrival: Codable, Sendable {
    let isPast: Bool
    let parked: ParkedEvent?
}

struct ParkedSearch: Codable, Sendable {
    /// The last one of the page before.
    let after: LogPlace?
    let limit: Int
}

struct Discarding: Codable, Sendable {
    let event: ID
    let reason: String
    let by: ID
}
