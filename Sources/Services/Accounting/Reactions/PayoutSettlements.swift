import Contracts
import Ledger
import Messaging
import Storage
import Values

/// Books payments by the provider, once for each payout: from payouts-clearing to the bank (X28).
struct PayoutSettlements: Sendable {
    let now: @Sendable () -> Instant

    static let events: Set<String> = [PayoutPaid.type]

    /// The id of the transfer for an event of Payouts.
    static func transferID(of event: ID) -> ID { event.derived("transfer") }

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        let transfers = try envelopes.map { envelope in
            let event = try envelope.event(PayoutPaid.self)
            // Only what a close has put into clearing can leave it.
            let paid = try event.sum.negated()
            guard let entry = try Ledger.entry(event.payout, in: transaction), entry.kind == Books.payout,
                entry.account == event.person, entry.amount == paid
            else { throw UnknownPayout(payout: event.payout, sum: event.sum) }
            return Ledger.Transfer(
                id: PayoutSettlements.transferID(of: envelope.id), source: Books.clearing, target: Books.bank,
                amount: event.sum, kind: Books.settlement, subject: event.payout)
        }
        guard let first = envelopes.first else { return }
        let day = try OpenDay.shared(in: transaction)
        try Ledger.transfer(transfers, day: day, at: now(), lane: first.partition, in: transaction)
    }
}

/// The payout that was paid was never requested by a close, or had another sum. The event is parked.
struct UnknownPayout: Error, CustomStringConvertible {
    let payout: ID
    let sum: Cents
    var description: String { "payout \(payout) of \(sum.plain) is not one that a close asked for" }
}
