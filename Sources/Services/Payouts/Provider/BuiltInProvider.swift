import Storage
import Values

/// The provider that needs no contract: it records payments in Payouts' own database, and reports them as paid. A
/// person pays by hand, from the list, or nobody does. It is for trials and for small companies.
package struct BuiltInProvider: PaymentProvider {
    package static let name = "built-in"
    package var name: String { BuiltInProvider.name }
    package let atOnce = 200
    let now: @Sendable () -> Instant

    package init(now: @escaping @Sendable () -> Instant) {
        self.now = now
    }

    /// The table, for Payouts' schema.
    static let schema = [
        """
        CREATE TABLE built_in_payment (
            payout BLOB PRIMARY KEY,
            attempt INTEGER NOT NULL,
            person BLOB NOT NULL,
            sum INTEGER NOT NULL,
            tail TEXT NOT NULL,
            at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    ]

    package func pay(_ orders: [PaymentOrder], keep: any Database) -> [Result<PaymentAnswer, any Error>] {
        let at = now()
        let rows = orders.sorted { $0.payout < $1.payout }.map { order -> [Value] in
            [
                order.payout.stored, order.attempt.stored, order.person.stored, order.sum.stored,
                .text(order.destination.tail), at.stored,
            ]
        }
        do {
            try keep.write { transaction in
                try transaction.send(
                    """
                    INSERT INTO built_in_payment (payout, attempt, person, sum, tail, at) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT (payout) DO NOTHING
                    """, rows: rows)
            }
            return orders.map { .success(PaymentAnswer(.paid, attempt: $0.attempt)) }
        } catch {
            return orders.map { _ in .failure(error) }
        }
    }

    package func status(of payout: ID, keep: any Database) throws -> PaymentAnswer? {
        let attempt: Int? = try keep.read { transaction in
            try transaction.value("SELECT attempt FROM built_in_payment WHERE payout = \(payout)")
        }
        return attempt.map { PaymentAnswer(.paid, attempt: $0) }
    }
}
