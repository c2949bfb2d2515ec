import Values

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
