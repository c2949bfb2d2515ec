import Storage
import Values

/// What the data records about the installation that made it.
enum RecordedInstallation {
    /// At each start: records the secret's fingerprint, the price ranges and the first day; refuses another secret.
    static func prepare(
        secret: PriceDraw, ranges: PriceRanges, calendar: BusinessCalendar, now: Instant,
        in transaction: any Transaction
    ) throws {
        let fingerprint = secret.fingerprint
        try transaction.send(
            """
            INSERT INTO installation (one, fingerprint, since) VALUES (1, \(fingerprint), \(now))
            ON CONFLICT (one) DO NOTHING
            """)
        let known: [UInt8]? = try transaction.value("SELECT fingerprint FROM installation WHERE one = 1")
        guard known == fingerprint else { throw ForeignSecret() }
        if try RecordedRanges.current(in: transaction)?.ranges != ranges {
            try transaction.send(
                """
                INSERT INTO price_range (fee_low, fee_high, reward_low, reward_high, since)
                VALUES (\(ranges.fee.lowerBound), \(ranges.fee.upperBound), \(ranges.reward.lowerBound),
                \(ranges.reward.upperBound), \(now))
                """)
        }
        try transaction.send(
            """
            INSERT INTO open_day (one, day) VALUES (1, \(calendar.day(of: now))) ON CONFLICT (one) DO NOTHING
            """)
    }
}

/// The given secret is not the one that this data was made with (X21).
package struct ForeignSecret: Error, CustomStringConvertible {
    package var description: String {
        "the installation secret is not the one that accounting's data was made with: prices would come out differently. "
            + "Put the installation's own secret back, or start from an empty data folder"
    }
}

extension AccountingService {
    /// Whether this data was made with the secret. Also true if no secret is recorded yet.
    package static func fits(secret: [UInt8], in transaction: any Transaction) throws -> Bool {
        let known: [UInt8]? = try transaction.value("SELECT fingerprint FROM installation WHERE one = 1")
        return known.map { $0 == PriceDraw(secret: secret).fingerprint } ?? true
    }
}
