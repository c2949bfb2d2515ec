import Directory
import Messaging
import Schemas
import Values

/// An admin has had a parked event tried again, or has discarded it (X42). The service that could not apply it says so.
package struct ParkedDecided: Sendable {
    package static let topic = Topic.everyService
    package static let name = "parked-decided"
    package static let version = 1

    /// Open strings in the event's JSON; these are the known ones.
    package enum What: String, CaseIterable, Sendable {
        case replayed, discarded
    }

    /// The parked event.
    package let event: ID
    /// The topic that it stands in.
    package let from: String
    /// `task-created.2`
    package let type: String
    package let what: String
    /// `nil` where an admin asked through a process of a version before 0.9.0.
    package let by: ID?
    /// Why it was discarded.
    package let reason: String?
    package let time: Instant
    package var key: ID { event }

    package init(
        event: ID, from: String, type: String, what: String, by: ID?, reason: String?, time: Instant
    ) {
        self.event = event
        self.from = from
        self.type = type
        self.what = what
        self.by = by
        self.reason = reason
        self.time = time
    }
}

extension ParkedDecided: Contract {
    package static let about = "An admin had a parked event tried again, or discarded it"
    package static let keyField = "event"
    package static let shape = Shape("ParkedDecided", ParkedDecided.init) {
        Field("event", \.event, "The parked event; the key of this one")
        Field("from", \.from, "The topic that it stands in")
        Field("type", \.type, "Its name and version")
        Field("what", \.what, .open(What.allCases.map(\.rawValue)), "Open: what is not known may come")
        Field("by", \.by, "Who decided; missing where a process of a version before 0.9.0 was asked")
        Field("reason", \.reason, "Why it was discarded, in the admin's words")
        Field("time", \.time, "When")
    }
    package static var example: ParkedDecided {
        ParkedDecided(
            event: Examples.other, from: "tracker", type: "task-created.2", what: What.discarded.rawValue,
            by: Examples.abe, reason: "A task of a test", time: Examples.time)
    }
}

extension ParkedDecided: AuditedContract {
    package static let kinds: [String: AuditArea] = [
        "parked-replayed": .operations, "parked-discarded": .operations,
    ]

    package var audit: Audit? {
        var audit = Audit("parked-" + what, by: by)
        audit.saysWho = by != nil
        audit.subject = "\(from) \(type)"
        audit.reason = reason
        return audit
    }
}
