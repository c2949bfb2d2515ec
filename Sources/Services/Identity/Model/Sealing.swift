import Crypto
import Foundation
import Values

/// The uses of the installation's secret in Identity, each with its own key: private keys at rest (AES-GCM), links for
/// setting a password, browsers that a person has signed in with, the slots of failed sign-ins, the codes of stored
/// passwords and passkeys, tickets, recovery codes, and sign-ins with the company's account.
struct Sealing: Sendable {
    private let sealing: SymmetricKey
    private let linking: SymmetricKey
    private let remembering: SymmetricKey
    private let slotting: SymmetricKey
    private let vouching: SymmetricKey
    private let ticketing: SymmetricKey
    private let recovering: SymmetricKey
    private let leaving: SymmetricKey

    /// - Parameter secret: 32 bytes.
    init(secret: [UInt8]) {
        let secret = SymmetricKey(data: secret)
        func key(_ purpose: String) -> SymmetricKey {
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: secret, info: Array("popug identity \(purpose)".utf8), outputByteCount: 32)
        }
        sealing = key("keys at rest")
        linking = key("welcome links")
        remembering = key("known browsers")
        slotting = key("sign-in slots")
        vouching = key("stored passwords")
        ticketing = key("tickets")
        recovering = key("recovery codes")
        leaving = key("company sign-ins")
    }

    /// The code that proves that Identity stored this password for this person. Without it, the password is not valid
    /// (X60).
    func code(of hash: PasswordHash, person: ID) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: person.bytes + hash.packed, using: vouching))
    }

    /// The code of a ticket.
    func code(of ticket: Ticket, _ purpose: Ticket.Purpose, epoch: Int64, bound: [UInt8]) -> [UInt8] {
        Sealing.code(over: [Array(purpose.rawValue.utf8), ticket.body, Array(String(epoch).utf8), bound], ticketing)
    }

    /// How a recovery code is stored. The codes have 100 random bits, so a quick hash is enough.
    func recovery(_ code: String, person: ID) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: person.bytes + Array(code.utf8), using: recovering))
    }

    /// The code that proves that Identity stored this passkey for this person (X60). The counter and the name may
    /// change and are not covered.
    func code(ofPasskey id: ID, credential: [UInt8], key: [UInt8], person: ID) -> [UInt8] {
        Sealing.code(over: [Array("passkey".utf8), id.bytes, person.bytes, credential, key], vouching)
    }

    /// The code that proves that Identity stored this account at the company's provider for this person (X60).
    func code(ofAccount id: ID, issuer: String, subject: String, person: ID) -> [UInt8] {
        Sealing.code(
            over: [
                Array("company account".utf8), id.bytes, person.bytes, Array(issuer.utf8), Array(subject.utf8),
            ], vouching)
    }

    /// The 96 secret bytes of an attempt to sign in at the company's provider. They are computed from its ticket, so
    /// that nothing is stored; knowing some of them tells nothing of the others, nor of the ticket.
    func secrets(of ticket: [UInt8]) -> [UInt8] {
        ["state", "nonce", "verifier"].flatMap { Sealing.code(over: [Array($0.utf8), ticket], leaving) }
    }

    /// Each part is preceded by its length, so no two lists of parts have the same bytes.
    private static func code(over parts: [[UInt8]], _ key: SymmetricKey) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: parts.flatMap { Array("\($0.count):".utf8) + $0 }, using: key))
    }

    /// `name` is bound to the sealed bytes: they can be opened only under the same name.
    func seal(_ bytes: [UInt8], name: String, _ environment: Values.Environment) throws -> [UInt8] {
        let nonce = try AES.GCM.Nonce(data: environment.randomBytes(12))
        let box = try AES.GCM.seal(bytes, using: sealing, nonce: nonce, authenticating: Array(name.utf8))
        return Array(box.nonce) + Array(box.ciphertext) + Array(box.tag)
    }

    /// `nil` if they were sealed under another secret or name, or changed.
    func open(_ bytes: [UInt8], name: String) -> [UInt8]? {
        guard let box = try? AES.GCM.SealedBox(combined: bytes),
            let opened = try? AES.GCM.open(box, using: sealing, authenticating: Array(name.utf8))
        else { return nil }
        return Array(opened)
    }

    /// The secret part of the address with which `person` may set a password.
    func link(_ id: ID, person: ID) -> String { signed(id, person, linking) }

    /// The link id in the text. It is only a claim: the text must be compared with ``link(_:person:)``.
    static func linkID(_ text: String) -> ID? { signedID(text) }

    func isLink(_ text: String, id: ID, person: ID) -> Bool { isSigned(text, id, person, linking) }

    /// The token that a browser keeps after `person` has signed in with it.
    func browser(_ id: ID, person: ID) -> String { signed(id, person, remembering) }

    /// The id of the person's browser; `nil` if the text is not theirs.
    func browserID(_ text: String, person: ID) -> ID? {
        Sealing.signedID(text).flatMap { isSigned(text, $0, person, remembering) ? $0 : nil }
    }

    private func signed(_ id: ID, _ person: ID, _ key: SymmetricKey) -> String {
        Base64URL.encode(
            id.bytes + Array(HMAC<SHA256>.authenticationCode(for: id.bytes + person.bytes, using: key)))
    }

    private static func signedID(_ text: String) -> ID? {
        guard let bytes = Base64URL.decode(text), bytes.count == 48 else { return nil }
        return ID(bytes: Array(bytes.prefix(16)))
    }

    private func isSigned(_ text: String, _ id: ID, _ person: ID, _ key: SymmetricKey) -> Bool {
        guard let bytes = Base64URL.decode(text), bytes.count == 48, Array(bytes.prefix(16)) == id.bytes else {
            return false
        }
        return HMAC<SHA256>.isValidAuthenticationCode(
            bytes.suffix(32), authenticating: id.bytes + person.bytes, using: key)
    }

    /// A number below 2^20 for a text. Without the secret, nobody can choose a text for a certain number.
    func slot(_ text: String) -> Int64 {
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: slotting)
        return code.prefix(3).reduce(Int64(0)) { $0 << 8 | Int64($1) } & 0xFFFFF
    }

    /// The key of an address in the table of known addresses.
    func addressKey(_ text: String) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: slotting).prefix(16))
    }
}
