import TestKit
import Values

/// A passkey as its person's authenticator keeps it. A copy of it has the same key, and a counter that stays behind.
struct HeldPasskey: Sendable {
    /// Each has its own.
    let name: String
    let person: ID
    private let id: [UInt8]
    private let key: [UInt8]
    /// How often it has signed.
    private(set) var counter = HeldPasskey.first

    /// The counter with which it is made.
    static let first: UInt32 = 1

    init(name: String, of person: ID, _ dice: inout Dice) {
        func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: dice.next()) } }
        (self.name, self.person) = (name, person)
        id = bytes(20)
        // Not above the order of the curve.
        key = [7] + bytes(31)
    }

    /// What a browser answers when the passkey is made.
    /// - Parameter address: the installation's.
    func registration(_ challenge: [UInt8], at address: String) throws -> String {
        String(decoding: try authenticator(challenge, counter, address).registrationJSON(), as: UTF8.self)
    }

    /// What a browser answers when the passkey is used.
    mutating func assertion(_ challenge: [UInt8], at address: String) throws -> String {
        counter += 1
        return try copy(counter, challenge, at: address)
    }

    /// What a browser answers when a copy of the passkey is used, which has this counter.
    func copy(_ counter: UInt32, _ challenge: [UInt8], at address: String) throws -> String {
        String(decoding: try authenticator(challenge, counter, address).assertionJSON(), as: UTF8.self)
    }

    private func authenticator(_ challenge: [UInt8], _ counter: UInt32, _ address: String) -> SoftAuthenticator {
        var authenticator = SoftAuthenticator()
        (authenticator.origin, authenticator.domain) = (address, "localhost")
        (authenticator.id, authenticator.privateKey) = (id, key)
        (authenticator.challenge, authenticator.counter) = (challenge, counter)
        authenticator.userHandle = person.bytes
        return authenticator
    }
}
