import CryptoExtras
import Dispatch
import Foundation
import Values

/// Computes password hashes, a few at a time. Each is slow and takes much memory on purpose, so it is never done inside
/// a transaction.
package final class PasswordHasher: Sendable {
    static let saltLength = 16
    static let hashLength = 32

    private let turns: DispatchSemaphore
    private let cost: HashCost

    package init(_ settings: IdentitySettings) {
        cost = settings.cost
        turns = DispatchSemaphore(value: max(1, settings.concurrentHashes))
    }

    /// A new hash at the current cost.
    package func hash(_ password: String, _ environment: Values.Environment) throws -> PasswordHash {
        let salt = environment.randomBytes(PasswordHasher.saltLength)
        return PasswordHash(salt: salt, hash: try derive(password, salt: salt, cost: cost), cost: cost)
    }

    /// Whether the password is the stored one. If none is stored, the answer is no and takes the same time, so the time
    /// does not show which accounts exist.
    func verify(_ password: String, against stored: PasswordHash?) throws -> Bool {
        let salt = stored?.salt ?? [UInt8](repeating: 0, count: PasswordHasher.saltLength)
        let derived = try derive(password, salt: salt, cost: stored?.cost ?? cost)
        guard let stored, derived.count == stored.hash.count else { return false }
        var difference: UInt8 = 0
        for (left, right) in zip(derived, stored.hash) { difference |= left ^ right }
        return difference == 0
    }

    func shouldRenew(_ stored: PasswordHash) -> Bool { stored.cost.isWeaker(than: cost) }

    private func derive(_ password: String, salt: [UInt8], cost: HashCost) throws -> [UInt8] {
        // The same password typed on two keyboards can be two sequences of code points; NFKC makes them one. This
        // scrypt takes no empty password. No stored password is empty, so a space replaces an empty one.
        let normal = password.precomposedStringWithCompatibilityMapping
        let bytes = Array((normal.isEmpty ? " " : normal).utf8)
        turns.wait()
        defer { turns.signal() }
        let key = try KDF.Scrypt.deriveKey(
            from: bytes, salt: salt, outputByteCount: PasswordHasher.hashLength, rounds: cost.rounds,
            blockSize: cost.block, parallelism: cost.parallel)
        return key.withUnsafeBytes { Array($0) }
    }
}
