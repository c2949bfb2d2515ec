import Ledger
import Storage
import Values

/// The company's money on one day (X25), corrections included.
struct CompanyDay: Hashable, Sendable {
    let day: Day
    var fees = Cents.zero
    var rewards = Cents.zero
    /// Moved to clearing at the close; no part of the income.
    var paid = Cents.zero
    var operations = 0

    func income() throws -> Cents { try fees.minus(rewards) }

    /// The longest range that is read at once.
    static let longestRange = 366

    /// Each day of a range, those without operations included.
    static func range(from first: Day, through last: Day, in transaction: any Transaction) throws -> [CompanyDay] {
        guard first <= last else { return [] }
        var days = (first.number...last.number).map { CompanyDay(day: Day(number: $0)) }
        for sum in try Ledger.sums(of: Books.fees, from: first, through: last, in: transaction) {
            days[sum.day.number - first.number].fees = try sum.credit.minus(sum.debit)
            days[sum.day.number - first.number].operations += sum.operations
        }
        for sum in try Ledger.sums(of: Books.rewards, from: first, through: last, in: transaction) {
            days[sum.day.number - first.number].rewards = try sum.debit.minus(sum.credit)
            days[sum.day.number - first.number].operations += sum.operations
        }
        for sum in try Ledger.sums(of: Books.clearing, from: first, through: last, in: transaction) {
            // Its debit is what the provider has paid since, of whichever day's close.
            days[sum.day.number - first.number].paid = sum.credit
        }
        return days
    }
}
