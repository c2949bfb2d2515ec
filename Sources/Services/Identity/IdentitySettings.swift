/// The settings of Identity.
package struct IdentitySettings: Sendable {
    /// How hard a new password hash is to compute.
    package var cost: HashCost
    /// How many password hashes are computed at once; each uses as much memory as its cost says.
    package var concurrentHashes: Int
    package var sessionDays: Int64
    /// How long a key signs before the next one takes over.
    package var keyDays: Int64
    /// How long a link for setting a password works.
    package var welcomeDays: Int64

    /// Whether a password is on the list of the most common ones; without a dictionary, none is.
    package var isGuessed: @Sendable (_ password: String) -> Bool = { _ in false }

    package init(
        cost: HashCost = .current, concurrentHashes: Int = 2, sessionDays: Int64 = 14, keyDays: Int64 = 30,
        welcomeDays: Int64 = 7
    ) {
        self.cost = cost
        self.concurrentHashes = concurrentHashes
        self.sessionDays = sessionDays
        self.keyDays = keyDays
        self.welcomeDays = welcomeDays
    }

    /// The longest life of a program's token, in days.
    package static let longestTokenDays: Int64 = 366

    /// Settings for tests and demonstrations: hashes that are quick to compute and protect nothing.
    package static let quick = IdentitySettings(cost: .quick)
}

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
