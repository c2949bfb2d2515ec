/// A password as it is stored: scrypt's output, its salt and its cost (X6).
package struct PasswordHash: Sendable, Hashable {
    let salt: [UInt8]
    let hash: [UInt8]
    let cost: HashCost

    /// Cost, salt and hash as bytes; the code is computed over them. They carry no lengths, and costs lose what is
    /// above 32 bits. That is safe only for what ``isWhole`` lets through, where no two hashes give the same bytes. It
    /// cannot be changed: stored codes are computed over it.
    var packed: [UInt8] {
        var bytes: [UInt8] = []
        for number in [cost.rounds, cost.block, cost.parallel] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return bytes + salt + hash
    }

    /// Whether salt, hash and cost have the sizes that we write. Only such a hash can have a code.
    var isWhole: Bool {
        salt.count == PasswordHasher.saltLength && hash.count == PasswordHasher.hashLength
            && [cost.rounds, cost.block, cost.parallel].allSatisfy { UInt32(exactly: $0) != nil }
    }

    init(salt: [UInt8], hash: [UInt8], cost: HashCost) {
        self.salt = salt
        self.hash = hash
        self.cost = cost
    }
}
