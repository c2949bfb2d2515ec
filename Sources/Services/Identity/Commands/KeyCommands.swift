import Crypto
import Directory
import Foundation
import Storage
import Values

/// The keys that tokens are signed with: ES256. Each key signs for a limited time. The next one is published a day
/// before it signs, and a public key stays until every token signed with it has expired.
extension IdentityCommands {
    struct SigningKey: Sendable {
        let id: String
        let privateKey: [UInt8]
    }

    /// How long before its first signature a key is published.
    private static let leadSeconds: Int64 = 86_400

    /// The secret of another installation: the keys stored here were sealed under a different one.
    package struct WrongSecret: Error, CustomStringConvertible {
        package var description: String {
            "the installation's secret does not fit this data: its signing keys were sealed under another secret. "
                + "Put back the secret that belongs to this data folder"
        }
    }

    /// Whether ``rotateKeys(_:)`` has anything to do.
    func areKeysDue(at now: Instant, _ mayLapse: Bool, in transaction: any Transaction) throws -> Bool {
        if try isKeyWanted(after: lastSignature(in: transaction), at: now) { return true }
        guard mayLapse else { return false }
        let signing = try signing(at: now, in: transaction) ?? Instant(milliseconds: 0)
        return try transaction.fetchOne(
            """
            SELECT id FROM identity_key
            WHERE until < \(now) OR sealed IS NOT NULL AND (signs_from > \(usual(at: now)) OR signs_from < \(signing))
            LIMIT 1
            """) != nil
    }

    /// Makes the next key if it is time, and drops keys that are no longer needed. It drops nothing if the clock may be
    /// wrong (X65).
    /// - Returns: whether something changed.
    @discardableResult
    package func rotateKeys(_ act: CommandContext) throws -> Bool {
        try act.pass(gate: "keys")
        let mayLapse = act.environment.mayLapse
        if mayLapse { try endKeysOfTheFuture(act) }
        let last = try lastSignature(in: act.transaction)
        var changed = false
        if isKeyWanted(after: last, at: act.now) {
            try addKey(from: last.map { max($0, act.now) } ?? act.now, act)
            changed = true
        }
        if try mayLapse && dropKeys(act) { changed = true }
        if changed { try publishKeys(act) }
        return changed
    }

    /// When the last key stops signing.
    private func lastSignature(in transaction: any Transaction) throws -> Instant? {
        try transaction.value(
            "SELECT signs_until FROM identity_key WHERE sealed IS NOT NULL ORDER BY signs_until DESC LIMIT 1")
    }

    private func isKeyWanted(after last: Instant?, at now: Instant) -> Bool {
        last.map { $0 <= now.adding(seconds: IdentityCommands.leadSeconds) } ?? true
    }

    /// With a right clock, no key begins to sign later than this: the next key is made a day before its time, so it is
    /// never further ahead than one key's days.
    private func usual(at now: Instant) -> Instant {
        now.adding(seconds: settings.keyDays * 86_400 + 2 * IdentityCommands.leadSeconds)
    }

    /// Since when the current key has been signing.
    private func signing(at now: Instant, in transaction: any Transaction) throws -> Instant? {
        try transaction.value(
            """
            SELECT signs_from FROM identity_key WHERE signs_from <= \(now) AND sealed IS NOT NULL
            ORDER BY signs_from DESC LIMIT 1
            """)
    }

    /// A key that was made while the clock was far ahead would be the last one for years. It stops signing. Its public
    /// part stays, because it may have signed before the clock was put back.
    private func endKeysOfTheFuture(_ act: CommandContext) throws {
        try act.transaction.send(
            "UPDATE identity_key SET sealed = NULL WHERE signs_from > \(usual(at: act.now)) AND sealed IS NOT NULL")
    }

    /// - Returns: whether a public key was deleted.
    private func dropKeys(_ act: CommandContext) throws -> Bool {
        // A later key signs now, so the private parts of earlier keys are not needed.
        if let signing = try signing(at: act.now, in: act.transaction) {
            _ = try act.transaction.change(
                "UPDATE identity_key SET sealed = NULL WHERE signs_from < \(signing) AND sealed IS NOT NULL")
        }
        return try act.transaction.change("DELETE FROM identity_key WHERE until < \(act.now)") > 0
    }

    private func addKey(from: Instant, _ act: CommandContext) throws {
        // Uses the environment's randomness, like everything random. Only one draw in 2^32 is not a valid key.
        var key: P256.Signing.PrivateKey?
        while key == nil { key = try? P256.Signing.PrivateKey(rawRepresentation: act.environment.randomBytes(32)) }
        guard let key else { return }
        let id = act.environment.newID().description
        let sealed = try sealing.seal(Array(key.rawRepresentation), name: id, act.environment)
        let signsUntil = from.adding(seconds: settings.keyDays * 86_400)
        // The longest token that can be signed on the key's last day, plus a day for a late rotation.
        let longest = max(IdentitySettings.longestTokenDays, settings.sessionDays) + 1
        try act.transaction.send(
            """
            INSERT INTO identity_key (id, public, sealed, signs_from, signs_until, until)
            VALUES (\(id), \(Array(key.publicKey.x963Representation)), \(sealed), \(from), \(signsUntil),
                    \(signsUntil.adding(seconds: longest * 86_400)))
            """)
    }

    private func publishKeys(_ act: CommandContext) throws {
        let rows = try act.transaction.fetch("SELECT id, public, until FROM identity_key ORDER BY signs_from LIMIT 100")
        let keys = try rows.map { row in
            Directory.Key(id: try row(0), publicKey: try row(1), until: try row(2))
        }
        try Directory.putKeys(keys, in: act.transaction)
        let told = keys.map {
            KeysChanged.Key(id: $0.id, publicKey: Data($0.publicKey).base64EncodedString(), until: $0.until)
        }
        try publish(KeysChanged(installation: company.installation, keys: told), act)
    }

    /// The key that signs now: the latest one whose time has come. If the clock went back before all of them, the
    /// oldest.
    func signingKey(_ act: CommandContext) throws -> SigningKey {
        let rows = try act.transaction.fetch(
            "SELECT id, sealed, signs_from FROM identity_key WHERE sealed IS NOT NULL ORDER BY signs_from LIMIT 100")
        guard let row = try rows.last(where: { try $0(2, as: Instant.self) <= act.now }) ?? rows.first else {
            throw StorageError.failed("there is no key to sign with")
        }
        let id: String = try row(0)
        guard let privateKey = sealing.open(try row(1), name: id) else { throw WrongSecret() }
        return SigningKey(id: id, privateKey: privateKey)
    }
}
