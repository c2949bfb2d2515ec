import Messaging
import Schemas
import Values

/// Sessions that end now, before their tokens expire (sign-out, sign-out everywhere, deactivation; X7).
package struct SessionsRevoked: Sendable {
    package static let topic = Topic.identity
    package static let name = "sessions-revoked"
    package static let version = 1

    package struct Session: Sendable, Hashable {
        package let id: ID
        /// When its last token expires by itself.
        package let until: Instant
        package init(id: ID, until: Instant) {
            self.id = id
            self.until = until
        }
    }

    package let person: ID
    package let sessions: [Session]
    /// Who ended them; `nil` if the program itself did, and in events of versions before 0.9.0.
    package let by: ID?
    package var key: ID { person }

    package init(person: ID, sessions: [Session], by: ID? = nil) {
        self.person = person
        self.sessions = sessions
        self.by = by
    }
}

extension SessionsRevoked.Session: Shaped {
    package static let shape = Shape("RevokedSession", SessionsRevoked.Session.init) {
        Field("id", \.id, "The session, as tokens name it")
        Field("until", \.until, "When its last token expires by itself")
    }
}

extension SessionsRevoked: Contract {
    package static let about = "Sessions ended before their tokens expire"
    package static let keyField = "person"
    package static let shape = Shape("SessionsRevoked", SessionsRevoked.init) {
        Field("person", \.person, "Whose sessions; the event's key")
        Field("sessions", \.sessions, "The sessions that ended")
        Field("by", \.by, "Who ended them; missing for the program itself, and before version 0.9.0")
    }
    package static var example: SessionsRevoked {
        SessionsRevoked(
            person: Examples.emma, sessions: [Session(id: Examples.other, until: Examples.time)], by: Examples.abe)
    }
}

extension SessionsRevoked: AuditedContract {
    package static let kinds: [String: AuditArea] = ["sessions-ended": .access]

    /// To sign out is no change; to end another's sessions is one.
    package var audit: Audit? {
        guard let by, by != person else { return nil }
        var audit = Audit("sessions-ended", of: person, by: by)
        audit.subject = String(sessions.count)
        return audit
    }
}
