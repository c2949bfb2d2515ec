import Values

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
