import Crypto
import Values

/// How a task's prices are drawn: a keyed hash of its id under the installation's secret, mapped to the ranges without
/// bias (X21). Nobody can predict it without the secret, and the same task always gives the same prices.
package struct PriceDraw: Sendable {
    private let key: SymmetricKey

    package init(secret: [UInt8]) {
        key = SymmetricKey(data: secret)
    }

    /// The two prices of a task.
    package func prices(of task: ID, in ranges: PriceRanges) -> (fee: Cents, reward: Cents) {
        var words: [UInt64] = []
        var block: UInt8 = 0
        let next: () -> UInt64 = {
            if words.isEmpty {
                words = self.block(block, of: task)
                block &+= 1
            }
            return words.removeFirst()
        }
        let fee = PriceDraw.pick(from: ranges.fee, next)
        let reward = PriceDraw.pick(from: ranges.reward, next)
        return (.units(fee), .units(reward))
    }

    /// Identifies a secret without revealing it.
    package var fingerprint: [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array("popug accounting secret".utf8), using: key))
    }

    /// A whole number of the range. If the words are uniform, each number is equally likely: a word that would favour
    /// the first remainders is skipped.
    package static func pick(from range: ClosedRange<Int64>, _ next: () -> UInt64) -> Int64 {
        let count = UInt64(range.upperBound - range.lowerBound) + 1
        let threshold = (0 &- count) % count
        while true {
            let word = next()
            if word >= threshold { return range.lowerBound + Int64(word % count) }
        }
    }

    /// Four words of 64 bits. There are 256 such blocks; the second one is needed once in 2^57 tasks.
    private func block(_ number: UInt8, of task: ID) -> [UInt64] {
        let code = HMAC<SHA256>.authenticationCode(for: Array("price".utf8) + task.bytes + [number], using: key)
        var words: [UInt64] = []
        var word: UInt64 = 0
        for (index, byte) in code.enumerated() {
            word = word << 8 | UInt64(byte)
            if index % 8 == 7 {
                words.append(word)
                word = 0
            }
        }
        return words
    }
}
