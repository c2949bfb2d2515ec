import Crypto
import Foundation
import Storage
import Values

/// Encrypts destinations, so that the database alone reveals no more than the last four digits: AES-GCM under a key
/// derived from the destination key. Each is bound to its person, so a row moved to another person does not open.
struct Vault: Sendable {
    private let sealing: SymmetricKey
    private let telling: SymmetricKey
    /// Identifies a key without revealing it.
    let fingerprint: [UInt8]

    /// - Parameter key: 32 bytes, from a file or the environment.
    init(key: [UInt8]) {
        let key = SymmetricKey(data: key)
        sealing = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("popug payouts destinations".utf8), outputByteCount: 32)
        telling = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Array("popug payouts fingerprints".utf8), outputByteCount: 32)
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

    /// `nil` if it was sealed under another key or for another person, or changed.
    func open(_ bytes: [UInt8], of person: ID) -> Destination? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(box, using: sealing, authenticating: person.bytes)
        else { return nil }
        let parts = String(decoding: opened, as: UTF8.self).parts(at: ":", most: 2)
        guard parts.count == 2, let kind = Destination.Kind(rawValue: parts[0]) else { return nil }
        return Destination(kind: kind, number: String(parts[1]))
    }

    /// Identifies one of a person's numbers without revealing it: 64 hexadecimal digits.
    func fingerprint(of destination: Destination, of person: ID) -> String {
        let text = Array("\(destination.kind.rawValue):\(destination.number)".utf8)
        return Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: person.bytes + text, using: telling))
    }

    /// At each start: records the key's fingerprint, and refuses another key.
    func prepare(now: Instant, in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO vault (one, fingerprint, since) VALUES (1, \(fingerprint), \(now)) ON CONFLICT (one) DO NOTHING
            """)
        let known: [UInt8]? = try transaction.value("SELECT fingerprint FROM vault WHERE one = 1")
        guard known == fingerprint else { throw ForeignDestinationKey() }
    }
}

/// The given key is not the one that people's destinations were encrypted with.
package struct ForeignDestinationKey: Error, CustomStringConvertible {
    package var description: String {
        "the destination key is not the one that people's cards and accounts were encrypted with: nobody could be paid. "
            + "Put the right one back (destination-key, destination-key-file, or the installation's secret)"
    }
}
