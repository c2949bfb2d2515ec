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
