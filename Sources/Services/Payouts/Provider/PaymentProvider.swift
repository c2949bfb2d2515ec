import Storage
import Values

/// What moves the money: the built-in provider, or a real one over HTTP.
///
/// Payouts relies on this for every provider: a payout's id is always the key of its payment. If it is ordered again,
/// it is the same payment, and the answer is its state. An order with a higher attempt is considered anew only if the
/// provider has refused the payment. So asking again can never pay twice, and a lost answer only has to be asked for
/// again.
package protocol PaymentProvider: Sendable {
    /// Recorded with every attempt: only the provider that an attempt was sent through is asked about its outcome.
    var name: String { get }
    /// How many orders one call of ``pay(_:keep:)`` takes.
    var atOnce: Int { get }

    /// Orders payments. Called between two transactions, on a thread that may wait. After an error nobody knows whether
    /// it was paid: ask for the status.
    /// - Parameter keep: Payouts' own database, for a provider that keeps its record there.
    func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>]

    /// The state of a payment; `nil` if the provider says for certain that it has never heard of it.
    func status(of payout: ID, keep: any Database) throws -> PaymentAnswer?

    /// Reads a callback, and verifies that it comes from the provider.
    func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice
}

/// A provider that keeps its record elsewhere. It can be asked without Payouts' database, for example by `verify`.
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

/// A payment to make.
package struct PaymentOrder: Sendable, Hashable {
    /// The payout's id: also the idempotency key, for retries too.
    package let payout: ID
    /// Begins at 1. A higher one is sent only after the provider has refused the one before.
    package let attempt: Int
    package let person: ID
    /// As the Directory has it; empty if it is not known.
    package let name: String
    /// Cents, above zero.
    package let sum: Cents
    package let currency: String
    package let day: Day
    package let destination: Destination
}

/// What a provider says about a payment.
package struct PaymentAnswer: Sendable, Hashable {
    package enum Status: String, Sendable, Codable, CaseIterable {
        /// Done, for good.
        case paid
        /// In progress: a callback will follow, or asking again gives the outcome.
        case accepted
        /// Not paid, for certain.
        case refused
    }

    package let status: Status
    /// The attempt that this is the outcome of.
    package let attempt: Int
    /// The provider's own name for the payment.
    package let reference: String?
    /// Why it was refused.
    package let reason: String?
    /// The sum of the payment, in cents, if the provider gives it; `verify` compares it. It may differ from the order
    /// if a day was closed again after a restore, with other work in it.
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

/// A callback as it arrived.
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

/// The content of a callback.
package struct PaymentNotice: Sendable, Hashable {
    package let payout: ID
    package let answer: PaymentAnswer

    package init(payout: ID, answer: PaymentAnswer) {
        self.payout = payout
        self.answer = answer
    }
}

package enum CallbackRefused: Error, Sendable {
    /// This provider sends no callbacks.
    case notExpected
    /// The signature is missing, wrong, or too old or too new.
    case unproved
    /// Signed, but not in the expected form.
    case unreadable
}

/// The provider could not be asked, or its answer cannot be understood. Nobody knows whether it was paid.
package struct ProviderTrouble: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
