import Messaging
import Values

extension Topic {
    package static let payouts = Topic("payouts")
}

/// The provider has paid: the money is on its way to the person's card or account (X28, X52). Once for each payout, for
/// good.
package struct PayoutPaid: Sendable {
    package static let topic = Topic.payouts
    package static let name = "payout-paid"
    package static let version = 1

    package let payout: ID
    package let person: ID
    /// The business day whose close asked for it.
    package let day: Day
    /// Cents.
    package let sum: Cents
    /// The provider's own name for the payment, if it gave one.
    package let reference: String?
    package let time: Instant
    package var key: ID { person }

    package init(payout: ID, person: ID, day: Day, sum: Cents, reference: String?, time: Instant) {
        self.payout = payout
        self.person = person
        self.day = day
        self.sum = sum
        self.reference = reference
        self.time = time
    }
}

/// The provider has said for certain that it did not pay, and will not pay unless it is asked again. Once for each
/// attempt.
package struct PayoutFailed: Sendable {
    package static let topic = Topic.payouts
    package static let name = "payout-failed"
    package static let version = 1

    package let payout: ID
    package let person: ID
    package let day: Day
    /// Cents.
    package let sum: Cents
    /// Begins at 1.
    package let attempt: Int
    /// In the provider's words.
    package let reason: String
    package let time: Instant
    package var key: ID { person }

    package init(payout: ID, person: ID, day: Day, sum: Cents, attempt: Int, reason: String, time: Instant) {
        self.payout = payout
        self.person = person
        self.day = day
        self.sum = sum
        self.attempt = attempt
        self.reason = reason
        self.time = time
    }
}

/// A person has set where their money goes from now on (X28). The event carries only the part of the number that is
/// shown.
package struct DestinationChanged: Sendable {
    package static let topic = Topic.payouts
    package static let name = "destination-changed"
    package static let version = 1

    package let person: ID
    /// `card` or `account`.
    package let kind: String
    /// The last four characters of the number.
    package let tail: String
    /// The last four characters of the number before; `nil` for the first.
    package let before: String?
    /// A keyed fingerprint of the number, 64 hexadecimal digits. It shows whether the stored number is the one that the
    /// person set.
    package let fingerprint: String
    package let time: Instant
    package var key: ID { person }

    package init(person: ID, kind: String, tail: String, before: String?, fingerprint: String, time: Instant) {
        self.person = person
        self.kind = kind
        self.tail = tail
        self.before = before
        self.fingerprint = fingerprint
        self.time = time
    }
}
