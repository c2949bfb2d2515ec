import Ledger
import Storage
import Values

/// The company's money on one day (X25). The ledger's sums include corrections; here they are separate.
struct CompanyDay: Hashable, Sendable {
    let day: Day
    /// Charged, without corrections.
    var fees = Cents.zero
    /// Earned, without corrections.
    var rewards = Cents.zero
    /// The sum that corrections gave to people; negative if they took.
    var corrections = Cents.zero
    /// Moved to clearing at the close; not part of the income.
    var paid = Cents.zero
    var operations = 0

    func income() throws -> Cents { try fees.minus(rewards).minus(corrections) }

    /// Each day of a range, including days without operations.
    static func range(from first: Day, through last: Day, in transaction: any Transaction) throws -> [CompanyDay] {
        guard first <= last else { return [] }
        var days = (first.number...last.number).map { CompanyDay(day: Day(number: $0)) }
        let corrections = try Ledger.corrections(from: first, through: last, in: transaction)
        for sum in try Ledger.sums(of: Books.fees, from: first, through: last, in: transaction) {
            let corrected = corrections[Books.fees]?[sum.day] ?? Ledger.Corrections()
            try days[sum.day.number - first.number].add(corrected, sum.operations)
            // What corrections took is counted separately from fees.
            days[sum.day.number - first.number].fees = try sum.credit.minus(corrected.taken)
        }
        for sum in try Ledger.sums(of: Books.rewards, from: first, through: last, in: transaction) {
            let corrected = corrections[Books.rewards]?[sum.day] ?? Ledger.Corrections()
            try days[sum.day.number - first.number].add(corrected, sum.operations)
            // What corrections gave is counted separately from rewards.
            days[sum.day.number - first.number].rewards = try sum.debit.minus(corrected.given)
        }
        for sum in try Ledger.sums(of: Books.clearing, from: first, through: last, in: transaction) {
            // The account's debit is what the provider has paid since, for the close of any day.
            days[sum.day.number - first.number].paid = sum.credit
        }
        return days
    }

    private mutating func add(_ corrected: Ledger.Corrections, _ operations: Int) throws {
        corrections = try corrections.plus(try corrected.sum())
        self.operations += operations
    }
}
