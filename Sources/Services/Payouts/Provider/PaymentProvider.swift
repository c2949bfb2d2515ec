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

extension PaymentProvider {
    package func notice(_ callback: ProviderCallback, now: Instant) throws(CallbackRefused) -> PaymentNotice {
        throw .notExpected
    }
}
