import Ledger
import Storage
import Values

/// What one account's operations of a day come to, each kind for itself. The ledger keeps what was added and what was
/// taken, corrections included.
struct DaySums: Hashable, Sendable {
    /// Rewards.
    let earned: Cents
    /// Fees.
    let charged: Cents
    /// What corrections added; below zero where they took.
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

    /// Of the day that the account stands on.
    init(_ account: Ledger.Account, in transaction: any Transaction) throws {
        try self.init(
            credited: account.credited, debited: account.debited, of: account.id, on: account.day, in: transaction)
    }
}
