import Accounting
import TestKit
import Testing
import Values

@Suite("Prices")
struct PriceTests {
    let draw = PriceDraw(secret: AccountingFixture.secret)
    let clock = SteppedClock(seed: 3)

    @Test("X21: whole units from the range, ends included, each about equally often")
    func distribution() {
        var fees: [Int64: Int] = [:]
        var rewards: [Int64: Int] = [:]
        let count = 21_000
        for _ in 0..<count {
            let prices = draw.prices(of: clock.environment.newID(), in: .standard)
            #expect(prices.fee.amount % 100 == 0 && prices.reward.amount % 100 == 0)
            fees[prices.fee.amount / 100, default: 0] += 1
            rewards[prices.reward.amount / 100, default: 0] += 1
        }
        #expect(Set(fees.keys) == Set(10...20))
        #expect(Set(rewards.keys) == Set(20...40))
        // Chi-square of 10 and 20 degrees of freedom: beyond these once in 100,000 seeds; the seed is fixed.
        #expect(chiSquare(fees.values, count) < 41)
        #expect(chiSquare(rewards.values, count) < 58)
    }

    private func chiSquare(_ counts: some Collection<Int>, _ all: Int) -> Double {
        let expected = Double(all) / Double(counts.count)
        return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    }

    @Test("X21: the same task always has the same prices; another secret gives others")
    func keyed() {
        let tasks = (0..<50).map { _ in clock.environment.newID() }
        let other = PriceDraw(secret: Array(repeating: 1, count: 32))
        #expect(
            tasks.map { draw.prices(of: $0, in: .standard).fee } == tasks.map { draw.prices(of: $0, in: .standard).fee }
        )
        #expect(
            tasks.map { draw.prices(of: $0, in: .standard).reward }
                != tasks.map { other.prices(of: $0, in: .standard).reward })
        #expect(draw.fingerprint != other.fingerprint)
    }

    @Test("X21: words that would favour the low prices are passed over")
    func rejection() {
        // 2^64 = 11 * 1676976733973595601 + 5: the five lowest words are too many.
        var words: [UInt64] = [0, 4, 3, 5]
        #expect(PriceDraw.pick(from: 10...20) { words.removeFirst() } == 15)
        #expect(words.isEmpty)
        #expect(PriceDraw.pick(from: 7...7) { 12_345 } == 7)
    }

    @Test("X21: ranges below zero or beyond reason are refused")
    func ranges() {
        #expect(PriceRanges(fee: -1...5, reward: 1...2) == nil)
        #expect(PriceRanges(fee: 1...5, reward: 1...2_000_000) == nil)
        #expect(PriceRanges(fee: 10...20, reward: 20...40) == .standard)
    }
}
