import Directory
import Messaging
import Schemas
import Values

/// An accountant or admin has decided about a payout by hand (X28). Of a payout that was settled by hand,
/// ``PayoutPaid`` or ``PayoutFailed`` tells too.
package struct PayoutDecided: Sendable {
    package static let topic = Topic.payouts
    package static let name = "payout-decided"
    package static let version = 1

    /// Open strings in the event's JSON; these are the known ones.
    package enum What: String, CaseIterable, Sendable {
        /// It was above the limit, and may go out.
        case released
        /// It had failed, and is sent again.
        case retried
        /// Somebody has said that it was paid: its provider could not be asked.
        case paid = "settled-paid"
        /// Somebody has said that it was not paid.
        case refused = "settled-refused"
    }

    package let payout: ID
    package let person: ID
    package let day: Day
    /// Cents.
    package let sum: Cents
    package let what: String
    package let by: ID
    /// What it was seen from, if it was settled.
    package let note: String?
    package let time: Instant
    package var key: ID { person }

    package init(
        payout: ID, person: ID, day: Day, sum: Cents, what: String, by: ID, note: String?, time: Instant
    ) {
        self.payout = payout
        self.person = person
        self.day = day
        self.sum = sum
        self.what = what
        self.by = by
        self.note = note
        self.time = time
    }
}

extension PayoutDecided: Contract {
    package static let about = "An accountant or admin decided about a payout by hand"
    package static let keyField = "person"
    package static let shape = Shape("PayoutDecided", PayoutDecided.init) {
        Field("payout", \.payout, "The payout")
        Field("person", \.person, "Who is paid; the event's key")
        Field("day", \.day, "The business day whose close asked for it")
        Field("sum", \.sum, "Always positive, whole cents")
        Field("what", \.what, .open(What.allCases.map(\.rawValue)), "Open: what is not known may come")
        Field("by", \.by, "Who decided")
        Field("note", \.note, "What it was seen from, in their words, where it was settled")
        Field("time", \.time, "When")
    }
    package static var example: PayoutDecided {
        PayoutDecided(
            payout: Examples.other, person: Examples.emma, day: Examples.day, sum: .units(17),
            what: What.paid.rawValue, by: Examples.abe, note: "Bank statement of 2 March", time: Examples.time)
    }
}

extension PayoutDecided: AuditedContract {
    package static let kinds: [String: AuditArea] = What.allCases.reduce(into: [:]) { $0[$1.rawValue] = .money }

    package var audit: Audit? {
        var audit = Audit(what, of: person, by: by)
        audit.subject = day.description
        audit.sum = sum
        audit.reason = note
        return audit
    }
}

/// An accountant or admin has held all payouts, or released them again. A hold that the program sets itself is no event.
package struct HoldChanged: Sendable {
    package static let topic = Topic.payouts
    package static let name = "hold-changed"
    package static let version = 1

    package let installation: ID
    package let held: Bool
    package let by: ID
    package let time: Instant
    package var key: ID { installation }

    package init(installation: ID, held: Bool, by: ID, time: Instant) {
        self.installation = installation
        self.held = held
        self.by = by
        self.time = time
    }
}

extension HoldChanged: Contract {
    package static let about = "An accountant or admin held all payouts, or released them"
    package static let keyField = "installation"
    package static let shape = Shape("HoldChanged", HoldChanged.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("held", \.held, "Whether nothing new goes out from now on")
        Field("by", \.by, "Who did it")
        Field("time", \.time, "When")
    }
    package static var example: HoldChanged {
        HoldChanged(installation: Examples.installation, held: true, by: Examples.abe, time: Examples.time)
    }
}

extension HoldChanged: AuditedContract {
    package static let kinds: [String: AuditArea] = ["held": .money, "hold-released": .money]
    package var audit: Audit? { Audit(held ? "held" : "hold-released", by: by) }
}
