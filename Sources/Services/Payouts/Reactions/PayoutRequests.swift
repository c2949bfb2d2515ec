import Contracts
import Messaging
import Storage
import Values

/// Takes in what a close asks to be paid: one payout for each request, whatever is delivered again. One above the limit
/// waits until somebody releases it (X28).
struct PayoutRequests: Sendable {
    /// `nil` for none.
    let limit: Cents?
    let codes: PayoutCodes
    let now: @Sendable () -> Instant

    func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        let requests = try envelopes.map { envelope in
            let event = try envelope.event(PayoutRequested.self)
            guard event.sum > .zero else {
                throw UnreadableEvent(reason: "payout \(event.payout) asks for \(event.sum.plain)")
            }
            return (envelope, event)
        }
        let (now, limit) = (now(), limit)
        // Before the payouts, so that whoever sets a destination meanwhile sees them, or is seen here.
        let payees = try Payee.locked(requests.map(\.1.person), in: transaction)
        let rows = requests.sorted { $0.1.payout < $1.1.payout }.map { envelope, event -> [Value] in
            let isLimited = limit.map { event.sum > $0 } ?? false
            let due = isLimited || payees[event.person]?.sealed == nil ? nil : now
            return [
                event.payout.stored, event.person.stored, event.day.stored, event.sum.stored, due.stored,
                event.time.stored, now.stored, .text(envelope.trace), isLimited.stored,
                codes.code(of: event.payout, person: event.person, sum: event.sum).stored,
            ]
        }
        try transaction.send(
            """
            INSERT INTO payout (id, person, day, sum, state, attempt, tries, due_at, requested_at, changed_at, trace,
                limited, code)
            VALUES (?, ?, ?, ?, 'pending', 0, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
            """, rows: rows)
    }
}
