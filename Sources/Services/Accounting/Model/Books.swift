import Ledger

/// The company's accounts, and the kinds of entries.
enum Books {
    static let fees = Ledger.CompanyAccount("fees")
    static let rewards = Ledger.CompanyAccount("rewards")
    static let clearing = Ledger.CompanyAccount("payouts-clearing")
    static let bank = Ledger.CompanyAccount("bank")

    static let fee = "fee"
    static let reward = "reward"
    static let payout = "payout"
    static let correction = "correction"
    /// A transfer for a paid payout, from clearing to the bank.
    static let settlement = "settlement"
}
