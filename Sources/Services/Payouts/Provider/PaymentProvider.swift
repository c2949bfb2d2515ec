import Storage
import Values

/// Who moves the money: the built-in one, or a real one over HTTP.
///
/// What Payouts relies on, whoever it is: a payout's id is the key of its payment for good. Ordered again, it is the
/// same payment, and the answer is how that one stands. Only where the provider has refused it, an order with a higher
/// attempt is considered anew. So asking again can never pay twice, and a lost answer is only asked for again.
package protocol PaymentProvider: Sendable {
    /// Recorded with every attempt: an attempt's outcome is only ever asked of the provider that it was sent through.
    var name: String { get }
    /// How many orders it takes in one call of ``pay(_:keep:)``.
    var atOnce: Int { get }

    /// Orders payments. Called between two transactions, on a thread that may wait. An error means that nobody knows
    /// whether it was paid: ask for the status.
    /// - Parameter keep: Payouts' own database, for a provider that keeps its record there.
    func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>]

    /// How a payment stands; `nil` where the provider says for certain that it has never heard of it.
    func status(of payout: ID, keep: any Database) throws -> PaymentAnswer?

    /// Reads what the provider sends by itself, and proves that it comes from it.
    func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice
}

/// A provider that keeps its record elsewhere, and can be asked without Payouts' database: by `verify`, too.
package protocol OutsideProvider: PaymentProvider {
    func status(of payout: ID) throws -> PaymentAnswer?
}

extension OutsideProvider {
    package func status(of payout: ID, keep: any Database) throws -> PaymentAnswer? { try status(of: payout) }
}

extension PaymentProvider {
    package func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice {
        throw .notExpected
    }
}

/// What is to be paid.
package struct PaymentOrder: Sendable, Hashable {
    /// The payout: also the idempotency key, retries included.
    package let payout: ID
    /// From 1. A higher one is sent only after the provider has refused the one before.
    package let attempt: Int
    package let person: ID
    /// As the Directory has it; empty where it is not known.
    package let name: String
    /// Cents, above zero.
    package let sum: Cents
    package let currency: String
    package let day: Day
    package let destination: Destination
}

/// What a provider says of a payment.
package struct PaymentAnswer: Sendable, Hashable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        /// Done, for good.
        case paid
        /// Under way: a callback follows, or asking again tells.
        case accepted
        /// Not paid, for certain.
        case refused
    }

    package let status: Status
    /// Which attempt this is the outcome of.
    package let attempt: Int
    /// The provider's own name for the payment.
    package let reference: String?
    /// Why it was refused.
    package let reason: String?
    /// What the payment moves, in cents, where the provider says so: `verify` compares it. It may be another than was
    /// ordered where a day was closed again after a restore, with other work in it.
    package let sum: Cents?

    package init(
        _ status: Status, attempt: Int, reference: String? = nil, reason: String? = nil, sum: Cents? = nil
    ) {
        self.status = status
        self.attempt = attempt
        self.reference = reference
        self.reason = reason
        self.sum = sum
    }
}

/// A callback, as it came in.
package struct ProviderCallback: Sendable {
    package let path: String
    package let signature: String?
    package let body: [UInt8]

    package init(path: String, signature: String?, body: [UInt8]) {
        self.path = path
        self.signature = signature
        self.body = body
    }
}

/// What a callback says.
package struct PaymentNotice: Sendable, Hashable {
    package let payout: ID
    package let answer: PaymentAnswer

    package init(payout: ID, answer: PaymentAnswer) {
        self.payout = payout
        self.answer = answer
    }
}

package enum CallbackRefused: Error, Sendable {
    /// This provider sends none.
    case notExpected
    /// No signature, a wrong one, or one of another time.
    case unproved
    /// Signed, and still not what it should be.
    case unreadable
}

/// The provider could not be asked, or said nothing that can be understood. Nobody knows whether it was paid.
package struct ProviderTrouble: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
