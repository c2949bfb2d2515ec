/// The parameters of scrypt (RFC 7914). Stored with every hash.
package struct HashCost: Sendable, Hashable {
    package let rounds: Int
    package let block: Int
    package let parallel: Int

    package init(rounds: Int, block: Int, parallel: Int) {
        self.rounds = rounds
        self.block = block
        self.parallel = parallel
    }

    /// OWASP's recommendation: N = 2^17, r = 8, p = 1; 128 MB.
    package static let current = HashCost(rounds: 1 << 17, block: 8, parallel: 1)
    package static let quick = HashCost(rounds: 16, block: 8, parallel: 1)

    /// Whether a hash of this cost should be replaced by one of `other`'s cost.
    func isWeaker(than other: HashCost) -> Bool {
        rounds * block * parallel < other.rounds * other.block * other.parallel
    }
}
