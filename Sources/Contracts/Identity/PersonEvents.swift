import Directory
import Messaging
import Values

extension Topic {
    package static let identity = Topic("identity")
}

/// An account was created. State-carrying: the whole person (X50).
package struct PersonRegistered: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-registered"
    package static let version = 1

    package let person: Person
    package var key: ID { person.id }

    package init(person: Person) { self.person = person }
}

/// Name, e-mail, roles or active changed. State-carrying: the whole person as it is now (X50).
package struct PersonChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-changed"
    package static let version = 1

    package let person: Person
    package var key: ID { person.id }

    package init(person: Person) { self.person = person }
}

/// A person's way to sign in, or what they may do, was changed; they are told by letter (X66). The event is only the
/// fact; ``PersonChanged`` carries the person's present state.
package struct AccessChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "access-changed"
    package static let version = 1

    /// Open strings in the event's JSON; these are the known ones.
    package enum What: String, Sendable, CaseIterable {
        /// The address to sign in with, and for letters.
        case email
        case roles
        /// A password was set: by the person, with a link, or by an admin.
        case password
        /// A link was made that can set a password.
        case link
        /// A token was made for a program.
        case token
        /// Tokens of programs were revoked.
        case tokensEnded = "tokens-ended"
    }

    package let person: ID
    package let what: String
    /// Who did it; `nil` if the program itself did.
    package let by: ID?
    /// The old value: the old address, the old roles.
    package let before: String?
    /// The new value: the new address, the new roles, the names of tokens.
    package let after: String?
    package let time: Instant
    package var key: ID { person }

    package init(person: ID, what: What, by: ID?, before: String? = nil, after: String? = nil, time: Instant) {
        self.init(person: person, what: what.rawValue, by: by, before: before, after: after, time: time)
    }

    /// An event as it was read: a value of `what` that this version does not know is allowed.
    static func written(
        person: ID, what: String, by: ID?, before: String?, after: String?, time: Instant
    ) -> AccessChanged {
        AccessChanged(person: person, what: what, by: by, before: before, after: after, time: time)
    }

    private init(person: ID, what: String, by: ID?, before: String?, after: String?, time: Instant) {
        self.person = person
        self.what = what
        self.by = by
        self.before = before
        self.after = after
        self.time = time
    }
}

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
    package var key: ID { person }

    package init(person: ID, sessions: [Session]) {
        self.person = person
        self.sessions = sessions
    }
}

/// The public keys that tokens are signed with, all that are valid now.
package struct KeysChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "keys-changed"
    package static let version = 1

    package struct Key: Sendable, Hashable {
        /// The token's `kid`.
        package let id: String
        /// Base64 of the uncompressed P-256 point, 65 bytes.
        package let publicKey: String
        /// After this, no token signed with the key is valid.
        package let until: Instant
        package init(id: String, publicKey: String, until: Instant) {
            self.id = id
            self.publicKey = publicKey
            self.until = until
        }
    }

    /// One key for all such events, so that they stay in order.
    package let installation: ID
    package let keys: [Key]
    package var key: ID { installation }

    package init(installation: ID, keys: [Key]) {
        self.installation = installation
        self.keys = keys
    }
}
