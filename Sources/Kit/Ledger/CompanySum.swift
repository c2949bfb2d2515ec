import Storage
import Values

extension Ledger {
    /// What one company account did on one day, summed over all lanes.
    package struct CompanySum: Hashable, Sendable {
        package let name: CompanyAccount
        package let day: Day
        /// The debit side: amounts given to people, and outgoing transfers.
        package let debit: Cents
        /// The credit side.
        package let credit: Cents
        /// Counts operations of people's accounts, not transfers.
        package let operations: Int

        static let upsert = """
            INSERT INTO company_sum (name, day, lane, debit, credit, operations) VALUES (?, ?, ?, ?, ?, ?) \
            ON CONFLICT (name, day, lane) DO UPDATE SET debit = company_sum.debit + excluded.debit, \
            credit = company_sum.credit + excluded.credit, operations = company_sum.operations + excluded.operations
            """
    }

    /// A company account's days in a range, in order. Days without operations are missing.
    package static func sums(
        of name: CompanyAccount, from first: Day, through last: Day, in transaction: any Transaction
    ) throws -> [CompanySum] {
        var days: [CompanySum] = []
        // Added up here, because on PostgreSQL SUM returns another type. A range has at most one row per lane and day.
        try transaction.forEach(
            """
            SELECT day, debit, credit, operations FROM company_sum
            WHERE name = \(name.name) AND day >= \(first) AND day <= \(last) ORDER BY day
            """
        ) { row in
            let day: Day = try row(0)
            var before = CompanySum(name: name, day: day, debit: .zero, credit: .zero, operations: 0)
            if let last = days.last, last.day == day { before = days.removeLast() }
            days.append(
                CompanySum(
                    name: name, day: day, debit: try before.debit.plus(try row(1)),
                    credit: try before.credit.plus(try row(2)), operations: before.operations + (try row(3))))
        }
        return days
    }
}
