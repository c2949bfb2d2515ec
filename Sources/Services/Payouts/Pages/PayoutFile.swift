import Storage
import Values
import Web

/// Payouts as CSV, for spreadsheets and for paying by hand (X29).
enum PayoutFile {
    static func text(
        from first: Day, through last: Day, state: Payout.State?, _ calendar: BusinessCalendar,
        in transaction: any Transaction
    ) throws -> String {
        let only: SQL = state.map { "AND o.state = \($0.rawValue)" } ?? ""
        var lines = [
            [
                "payout", "day", "person", "name", "sum", "state", "destination", "attempt", "reference", "reason",
                "requested", "changed",
            ]
        ]
        try transaction.forEach(
            """
            SELECT o.id, o.day, o.person, p.name, o.sum, o.state, a.tail, o.attempt, a.reference, a.reason,
            o.requested_at, o.changed_at
            FROM payout o LEFT JOIN directory_person p ON p.id = o.person
            LEFT JOIN attempt a ON a.payout = o.id AND a.number = o.attempt
            WHERE o.day >= \(first) AND o.day <= \(last) \(only) ORDER BY o.day, o.id
            """
        ) { row in
            lines.append([
                try row(0, as: ID.self).description, try row(1, as: Day.self).description,
                try row(2, as: ID.self).description, CSV.words(try row(3)), try row(4, as: Cents.self).plain,
                try row(5, as: String.self), CSV.words(try row(6, as: String?.self).map(Destination.masked)),
                String(try row(7, as: Int.self)), CSV.words(try row(8)), CSV.words(try row(9)),
                calendar.local(try row(10)), calendar.local(try row(11)),
            ])
        }
        return CSV.text(lines)
    }
}
