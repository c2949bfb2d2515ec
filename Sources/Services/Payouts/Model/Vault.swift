import Crypto
import Foundation
import Storage
import Values

/// Keeps destinations so that the database alone tells nobody more than the last four digits: AES-GCM under a key
/// derived from the destination key, each bound to its person, so that a row moved to another person does not open.
struct Vault: Sendable {
    private let sealing: SymmetricKey
    private let vouching: SymmetricKey
    /// Tells one key from another without telling the key.
    let fingerprint: [UInt8]

    /// - Parameter key: 32 bytes, from a file or the environment.
    init(key: [UInt8]) {
        let key = SymmetricKey(data: key)
        sealing = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("popug payouts destinations".utf8), outputByteCount: 32)
        vouching = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("popug payouts asked for".utf8), outputByteCount: 32)
        fingerprint = Array(
            HMAC<SHA256>.authenticationCode(for: Array("popug payouts destination key".utf8), using: key))
    }

    func seal(_ destination: Destination, of person: ID, _ environment: Values.Environment) throws -> [UInt8] {
        let nonce = try AES.GCM.Nonce(data: environment.randomBytes(12))
        let box = try AES.GCM.seal(
            Array("\(destination.kind.rawValue):\(destination.number)".utf8), using: sealing, nonce: nonce,
            authenticating: person.bytes)
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// `nil` where it was sealed under another key or for another person, or changed.
    func open(_ bytes: [UInt8], of person: ID) -> Destination? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(box, using: sealing, authenticating: person.bytes)
        else { return nil }
        let parts = String(decoding: opened, as: UTF8.self).parts(at: ":", most: 2)
        guard parts.count == 2, let kind = Destination.Kind(rawValue: parts[0]) else { return nil }
        return Destination(kind: kind, number: String(parts[1]))
    }

    /// Tells one number of a person's from another without telling the number: 64 hexadecimal digits.
    func fingerprint(of destination: Destination, of person: ID) -> String {
        let text = Array("\(destination.kind.rawValue):\(destination.number)".utf8)
        return Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: person.bytes + text, using: vouching))
    }

    /// Shows that a close has asked for this sum, for this person: without it, or with another, a payout goes nowhere
    /// (X60).
    func code(of payout: ID, person: ID, sum: Cents) -> [UInt8] {
        let text = Array("\(payout) \(person) \(sum.amount)".utf8)
        return Array(HMAC<SHA256>.authenticationCode(for: text, using: vouching))
    }

    func code(of payout: Payout) -> [UInt8] { code(of: payout.id, person: payout.person, sum: payout.sum) }

    /// At each start: records the key's fingerprint, and refuses another key.
    func prepare(now: Instant, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO vault (one, fingerprint, since, coded) VALUES (1, \(fingerprint), \(now), 1)
            ON CONFLICT (one) DO NOTHING
            """)
        let known: [UInt8]? = try transaction.value("SELECT fingerprint FROM vault WHERE one = 1")
        guard known == fingerprint else { throw ForeignDestinationKey() }
        try giveCodes(in: transaction)
    }

    /// Payouts from before there were codes are taken as they are, once.
    private func giveCodes(in transaction: any Transaction) throws {
        guard try transaction.change("UPDATE vault SET coded = 1 WHERE one = 1 AND coded = 0") == 1 else { return }
        var codes: [[Value]] = []
        try transaction.forEach("SELECT \(Payout.columns) FROM payout") { row in
            let payout = try Payout(row)
            codes.append([code(of: payout).stored, payout.id.stored])
        }
        try transaction.send("UPDATE payout SET code = ? WHERE id = ?", rows: codes)
    }
}

/// The key given is not the one that people's destinations were encrypted with.
package struct ForeignDestinationKey: Error, CustomStringConvertible {
    package var description: String {
        "the destination key is not the one that people's cards and accounts were encrypted with: nobody could be paid. "
            + "Put the right one back (destination-key, destination-key-file, or the installation's secret)"
    }
}
