/// A password as it is stored: scrypt's output, its salt and its cost (X6).
package struct PasswordHash: Sendable, Hashable {
    let salt: [UInt8]
    let hash: [UInt8]
    let cost: HashCost

    /// Cost, salt and hash as bytes; the code is computed over them.
    var packed: [UInt8] {
        var bytes: [UInt8] = []
        for number in [cost.rounds, cost.block, cost.parallel] {
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
        }
        return bytes + salt + hash
    }

    init(salt: [UInt8], hash: [UInt8], cost: HashCost) {
        self.salt = salt
        self.hash = hash
        self.cost = cost
    }
}
