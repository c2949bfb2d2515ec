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
            var problems: [String] = []
            try transaction.forEach("SELECT \(Price.columns) FROM price") { row in
                let price = try Price(row)
                count += 1
                guard let range = ranges[price.ranges] else {
                    problems.append("task \(price.task) is priced from ranges \(price.ranges), which are not recorded")
                    return
                }
                let expected = draw.prices(of: price.task, in: range)
                if expected != (price.fee, price.reward) {
                    problems.append(
                        "task \(price.task) is priced \(price.fee.plain) and \(price.reward.plain); its draw is "
                            + "\(expected.fee.plain) and \(expected.reward.plain)")
                }
            }
            report.count("prices", count)
            for problem in problems { report.problem(problem) }
            try entries(transaction, &report)
        }
    }

    private static func entries(_ transaction: any Transaction, _ report: inout Findings) throws {
        let wrong = try transaction.fetch(
            """
            SELECT e.id, e.kind, e.amount, COALESCE(p.fee, 0), COALESCE(p.reward, 0)
            FROM entry e LEFT JOIN price p ON p.task = e.subject
            WHERE (e.kind = \(Books.fee) AND (p.task IS NULL OR e.amount <> -p.fee))
            OR (e.kind = \(Books.reward) AND (p.task IS NULL OR e.amount <> p.reward)) LIMIT 100
            """)
        for row in wrong {
            report.problem(
                "entry \(try row(0, as: ID.self)), a \(try row(1, as: String.self)), is of "
                    + "\(try row(2, as: Cents.self).plain); its task's fee is \(try row(3, as: Cents.self).plain), its "
                    + "reward \(try row(4, as: Cents.self).plain)")
        }
    }
}
