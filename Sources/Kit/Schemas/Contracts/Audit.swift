import Messaging
import Values

/// A contract whose events tell of changes by hand: of ways in, rights, people, settings or money. They are on the list
/// of changes that admins look through. Whoever publishes one says so here, and nowhere else.
package protocol AuditedContract: Contract {
    /// The kinds of change that its events tell of, and what each is about. The publisher has a text for each:
    /// `identity.audit.roles`.
    static var kinds: [String: AuditArea] { get }
    /// The change that this event tells of; `nil` if another event tells of it, or nobody has made it by hand.
    var audit: Audit? { get }
}

extension AuditedContract {
    /// The change that an event of this name tells of, in any version that is understood.
    package static func audit(of envelope: Envelope) throws -> Audit? {
        try envelope.event(Self.self).audit
    }
}

extension [any AuditedContract.Type] {
    /// The names of their events, each once and in an order: they stand in statements.
    package var names: [String] { Set(map { $0.name }).sorted() }
}

/// What a change by hand is about.
package enum AuditArea: String, Codable, Sendable, CaseIterable {
    /// How somebody gets in.
    case access
    /// What somebody may do.
    case roles
    /// Who there is.
    case people
    case money
    case settings
    /// What keeps the services going: parked events, letters.
    case operations
}

/// A change that somebody has made by hand, as its event tells it.
package struct Audit: Codable, Sendable, Hashable {
    /// One of its contract's kinds.
    package let kind: String
    /// Whose way in, account or money it is; `nil` if it is nobody's in particular.
    package let person: ID?
    /// Who did it; `nil` if the program itself did, or the event does not say.
    package let by: ID?
    /// Who has confirmed it, if a second person had to.
    package var confirmedBy: ID?
    /// Whether the event says who did it. Events of earlier versions may not.
    package var saysWho = true
    /// What was changed, if the kind and the person do not say: the setting's name, the day, the event.
    package var subject: String?
    package var before: String?
    package var after: String?
    /// What the person gets by it, or would get: what is added to their balance, or paid out to them.
    package var sum: Cents?
    /// Why, in the words of whoever did it.
    package var reason: String?

    package init(_ kind: String, of person: ID? = nil, by: ID?) {
        self.kind = kind
        self.person = person
        self.by = by
    }

    /// Whether somebody did it, confirmed it, or is the one whom it is about.
    package func concerns(_ someone: ID) -> Bool {
        person == someone || by == someone || confirmedBy == someone
    }
}
