/// The ranges for a task's fee and reward, in whole units of the currency, ends included (X21).
package struct PriceRanges: Hashable, Sendable {
    package let fee: ClosedRange<Int64>
    package let reward: ClosedRange<Int64>

    /// Fee 10 to 20, reward 20 to 40.
    package static let standard = PriceRanges(uncheckedFee: 10...20, reward: 20...40)

    /// `nil` for ranges that go below zero or beyond a million units.
    package init?(fee: ClosedRange<Int64>, reward: ClosedRange<Int64>) {
        guard fee.lowerBound >= 0, reward.lowerBound >= 0, fee.upperBound <= 1_000_000, reward.upperBound <= 1_000_000
        else { return nil }
        self.init(uncheckedFee: fee, reward: reward)
    }

    private init(uncheckedFee fee: ClosedRange<Int64>, reward: ClosedRange<Int64>) {
        self.fee = fee
        self.reward = reward
    }
}
