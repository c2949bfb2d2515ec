import Directory
import Messaging
import Schemas
import Values

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
        /// Somebody signed in as the person with a device that had not been used before.
        case signIn = "sign-in"
        /// A passkey was made.
        case passkey
        case passkeyRemoved = "passkey-removed"
        /// The counter of a passkey went back: a copy of it may be in use.
        case passkeySuspect = "passkey-suspect"
        /// Recovery codes were made; the earlier ones stopped working.
        case codes
        /// Somebody signed in with a recovery code.
        case codeUsed = "code-used"
        /// An admin made a link that signs in as the person, once.
        case signInLink = "sign-in-link"
        /// An account at the company's identity provider signs in as the person from now on.
        case companyAccount = "company-account"
        case companyAccountRemoved = "company-account-removed"
    }

    package let person: ID
    package let what: String
    /// Who did it; `nil` if the program itself did.
    package let by: ID?
    /// The old value: the old address, the old roles.
    package let before: String?
    /// The new value: the new address, the new roles, the names of tokens, the device, the passkey's name, the provider.
    package let after: String?
    package let time: Instant
    /// Who is told beside the person: the admins, if it may be an attack.
    package let also: [ID]?
    /// Whether a letter is written; `nil` for yes. There is none about the first link of a new account, which has one of
    /// its own.
    package let told: Bool?
    package var key: ID { person }

    package init(
        person: ID, what: What, by: ID?, before: String? = nil, after: String? = nil, time: Instant, also: [ID]? = nil,
        told: Bool? = nil
    ) {
        self.init(
            person: person, what: what.rawValue, by: by, before: before, after: after, time: time, also: also,
            told: told)
    }

    /// An event as it was read: a value of `what` that this version does not know is allowed.
    static func written(
        person: ID, what: String, by: ID?, before: String?, after: String?, time: Instant, also: [ID]?, told: Bool?
    ) -> AccessChanged {
        AccessChanged(
            person: person, what: what, by: by, before: before, after: after, time: time, also: also, told: told)
    }

    private init(
        person: ID, what: String, by: ID?, before: String?, after: String?, time: Instant, also: [ID]?, told: Bool?
    ) {
        self.person = person
        self.what = what
        self.by = by
        self.before = before
        self.after = after
        self.time = time
        self.also = also
        self.told = told
    }
}

extension AccessChanged: Contract {
    package static let about = "How a person gets in, or what they may do, was changed"
    package static let keyField = "person"
    package static let shape = Shape("AccessChanged", AccessChanged.written) {
        Field("person", \.person, "Whose way in it is; the event's key")
        Field("what", \.what, .open(What.allCases.map(\.rawValue)), "Open: what is not known may come")
        Field("by", \.by, "Who did it; missing for the program itself")
        Field("before", \.before, "The old address, or the old roles by commas", isPersonal: true)
        Field(
            "after", \.after,
            "The new address, the new roles, the names of tokens by commas, the device, the passkey's name, or the provider",
            isPersonal: true)
        Field("time", \.time, "When")
        Field("also", \.also, "Who is told beside the person; missing for nobody")
        Field("told", \.told, "Whether a letter is written about it; missing for yes")
    }
    package static var example: AccessChanged {
        AccessChanged(
            person: Examples.emma, what: .email, by: Examples.abe, before: "emma@popug.example",
            after: "emma.new@popug.example", time: Examples.time, also: [Examples.abe], told: true)
    }
}

extension AccessChanged: AuditedContract {
    /// Of what this version does not know.
    private static let other = "other"
    package static let kinds: [String: AuditArea] = What.allCases.reduce(into: [other: .access]) { kinds, what in
        kinds[what.rawValue] = what == .roles ? .roles : .access
    }

    package var audit: Audit? {
        var audit = Audit(What(rawValue: what)?.rawValue ?? AccessChanged.other, of: person, by: by)
        audit.before = before
        audit.after = after
        return audit
    }
}
