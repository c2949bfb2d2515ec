import Contracts
import Messaging
import Storage
import Values

/// Stores the requests of a close: one payout for each request, even if an event is delivered again. A payout above the
/// limit waits for a release (X28).
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
        // Payees are locked before payouts are written. So someone who sets a destination at the same time sees the
        // payouts, or the destination is seen here.
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
