import Contracts
import Ledger
import Messaging
import Storage
import Values

/// Books what the provider has paid: from payouts-clearing to the bank (X28), once a payout.
struct PayoutSettlements: Sendable {
    let now: @Sendable () -> Instant

    static let events: Set<String> = [PayoutPaid.type]

    /// The transfer that an event of Payouts leads to.
    static func transferID(of event: ID) -> ID { event.derived("transfer") }

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        let transfers = try envelopes.map { envelope in
            let event = try envelope.event(PayoutPaid.self)
            // Nothing leaves clearing that no close has put there.
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

/// A payout was paid that no close has asked for, or with another sum. The event is parked.
struct UnknownPayout: Error, CustomStringConvertible {
    let payout: ID
    let sum: Cents
    var description: String { "payout \(payout) of \(sum.plain) is not one that a close asked for" }
}
