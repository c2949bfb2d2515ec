import Directory
import Messaging
import Schemas
import Values

extension Topic {
    package static let mailer = Topic("mailer")
}

/// An admin has had a letter sent again (X27).
package struct LetterRepeated: Sendable {
    package static let topic = Topic.mailer
    package static let name = "letter-repeated"
    package static let version = 1

    package let letter: ID
    /// Whose letter it is.
    package let person: ID
    /// `account`, `payout`: an open string.
    package let kind: String
    package let by: ID
    package let time: Instant
    package var key: ID { person }

    package init(letter: ID, person: ID, kind: String, by: ID, time: Instant) {
        self.letter = letter
        self.person = person
        self.kind = kind
        self.by = by
        self.time = time
    }
}

extension LetterRepeated: Contract {
    package static let about = "An admin had a letter sent again"
    package static let keyField = "person"
    package static let shape = Shape("LetterRepeated", LetterRepeated.init) {
        Field("letter", \.letter, "The letter")
        Field("person", \.person, "Whose letter it is; the event's key")
        Field(
            "kind", \.kind, .open(["access", "account", "assigned", "destination", "payout"]),
            "What it is about; open: what is not known may come")
        Field("by", \.by, "Who had it sent")
        Field("time", \.time, "When")
    }
    package static var example: LetterRepeated {
        LetterRepeated(
            letter: Examples.other, person: Examples.emma, kind: "payout", by: Examples.abe, time: Examples.time)
    }
}

extension LetterRepeated: AuditedContract {
    package static let kinds: [String: AuditArea] = ["letter-repeated": .operations]

    package var audit: Audit? {
        var audit = Audit("letter-repeated", of: person, by: by)
        audit.subject = kind
        return audit
    }
}

/// An accountant or admin has decided about the letters that were held since the data came from a backup.
package struct LettersReleased: Sendable {
    package static let topic = Topic.mailer
    package static let name = "letters-released"
    package static let version = 1

    package let installation: ID
    /// Whether they are sent; otherwise they are kept, and can be read.
    package let sent: Bool
    package let letters: Int
    package let by: ID
    package let time: Instant
    package var key: ID { installation }

    package init(installation: ID, sent: Bool, letters: Int, by: ID, time: Instant) {
        self.installation = installation
        self.sent = sent
        self.letters = letters
        self.by = by
        self.time = time
    }
}

extension LettersReleased: Contract {
    package static let about = "Letters that were held after a restore were released, or kept for good"
    package static let keyField = "installation"
    package static let shape = Shape("LettersReleased", LettersReleased.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("sent", \.sent, "Whether they are sent; otherwise they are kept, and can be read")
        Field("letters", \.letters, .integer(0...Int64.max), "How many waited")
        Field("by", \.by, "Who decided")
        Field("time", \.time, "When")
    }
    package static var example: LettersReleased {
        LettersReleased(
            installation: Examples.installation, sent: true, letters: 12, by: Examples.abe, time: Examples.time)
    }
}

extension LettersReleased: AuditedContract {
    package static let kinds: [String: AuditArea] = ["letters-released": .operations, "letters-kept": .operations]

    package var audit: Audit? {
        var audit = Audit(sent ? "letters-released" : "letters-kept", by: by)
        audit.subject = String(letters)
        return audit
    }
}
