import Values

/// The content of a callback.
package struct PaymentNotice: Sendable, Hashable {
    package let payout: ID
    package let answer: PaymentAnswer

    package init(payout: ID, answer: PaymentAnswer) {
        self.payout = payout
        self.answer = answer
    }
}
