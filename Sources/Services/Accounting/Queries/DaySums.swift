import Ledger
import Storage
import Values

/// The sums of one account's operations of a day, by kind. The ledger keeps only what was added and what was taken,
/// with corrections included.
struct DaySums: Hashable, Sendable {
    /// Rewards.
    let earned: Cents
    /// Fees.
    let charged: Cents
    /// The sum that corrections added; negative if they took.
    let corrections: Cents
    let hasCorrections: Bool

    init(
        credited: Cents, debited: Cents, of account: ID, on day: Day, in transaction: any Transaction
    ) throws {
        let corrected = try Ledger.corrections(of: account, on: day, in: transaction)
        earned = try credited.minus(corrected.given)
        charged = try debited.minus(corrected.taken)
        corrections = try corrected.sum()
        hasCorrections = corrected.count > 0
    }

    /// The sums of the account's current day.
    init(_ account: Ledger.Account, in transaction: any Transaction) throws {
        try self.init(
            credited: account.credited, debited: account.debited, of: account.id, on: account.day, in: transaction)
    }
}
