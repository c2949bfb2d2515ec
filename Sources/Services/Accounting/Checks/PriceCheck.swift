import ServiceKit
import Storage
import Values

/// Each price is the keyed hash of its task within the ranges that it was drawn from, and each fee and reward equals
/// its task's price (X21).
enum PriceCheck {
    static func check(_ draw: PriceDraw) -> Check {
        Check("accounting: prices") { snapshots, report in
            let transaction = try snapshots.of("accounting")
            var ranges: [Int64: PriceRanges] = [:]
            for recorded in try RecordedRanges.all(in: transaction) { ranges[recorded.number] = recorded.ranges }
            var count: Int64 = 0
            try report.eachRow("SELECT \(Price.columns) FROM price", in: transaction) { row in
                let price = try Price(row)
                count += 1
                guard let range = ranges[price.ranges] else {
                    return "task \(price.task) is priced from ranges \(price.ranges), which are not recorded"
                }
                let expected = draw.prices(of: price.task, in: range)
                guard expected != (price.fee, price.reward) else { return nil }
                return "task \(price.task) is priced \(price.fee.plain) and \(price.reward.plain); its draw is "
                    + "\(expected.fee.plain) and \(expected.reward.plain)"
            }
            report.count("prices", count)
            try entries(transaction, &report)
        }
    }

    private static func entries(_ transaction: any Transaction, _ report: inout Findings) throws {
        try report.eachRow(
            """
            SELECT e.id, e.kind, e.amount, COALESCE(p.fee, 0), COALESCE(p.reward, 0)
            FROM entry e LEFT JOIN price p ON p.task = e.subject
            WHERE (e.kind = \(Books.fee) AND (p.task IS NULL OR e.amount <> -p.fee))
            OR (e.kind = \(Books.reward) AND (p.task IS NULL OR e.amount <> p.reward)) LIMIT 100
            """, in: transaction
        ) { row in
            "entry \(try row(0, as: ID.self)), a \(try row(1, as: String.self)), is of "
                + "\(try row(2, as: Cents.self).plain); its task's fee is \(try row(3, as: Cents.self).plain), its "
                + "reward \(try row(4, as: Cents.self).plain)"
        }
    }
}
