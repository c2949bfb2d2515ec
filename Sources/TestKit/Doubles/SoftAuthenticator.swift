import Crypto
import Schemas
import Values
import WebAuthn

/// An authenticator and a browser in memory, which say whatever they are told to: a valid answer whose parts can be
/// changed one by one, before they are signed.
package struct SoftAuthenticator {
    package static let party = RelyingParty(address: "https://popug.example")
    package static let challenge = Array("0123456789abcdef0123456789abcdef".utf8)
    package static let handle = Array("the user's handle".utf8)

    package var type: String?
    package var challenge = SoftAuthenticator.challenge
    package var origin = "https://popug.example"
    package var crossOrigin: JSONText? = false
    package var more: [JSONText.Member] = []
    package var domain = "popug.example"
    /// UP, UV, BE and BS.
    package var flags: UInt8 = 0b1_1101
    package var counter: UInt32 = 5
    package var id: [UInt8] = Array(1...32)
    /// What the browser says that the id is; ``id`` if it is `nil`.
    package var shownID: [UInt8]?
    package var extensions: [UInt8] = []
    package var trailing: [UInt8] = []
    package var format = CBOR.text("none")
    package var statement = CBOR.map([])
    package var responseType = "public-key"
    package var userHandle: [UInt8]? = SoftAuthenticator.handle
    package var privateKey: [UInt8] = [UInt8](repeating: 7, count: 32)
    /// The COSE key that is attested; the private key's if it is `nil`.
    package var attestedKey: CBOR?

    package init() {}

    package func key() throws -> CBOR {
        let point = Array(try P256.Signing.PrivateKey(rawRepresentation: privateKey).publicKey.rawRepresentation)
        return .map([
            CBOR.Member(key: .integer(1), value: .unsigned(2)), CBOR.Member(key: .integer(3), value: .negative(6)),
            CBOR.Member(key: .integer(-1), value: .unsigned(1)),
            CBOR.Member(key: .integer(-2), value: .bytes(Array(point.prefix(32)))),
            CBOR.Member(key: .integer(-3), value: .bytes(Array(point.suffix(32)))),
        ])
    }

    package func clientData(_ type: String) -> [UInt8] {
        var members = [
            JSONText.Member(name: "type", value: .string(self.type ?? type)),
            JSONText.Member(name: "challenge", value: .string(Base64URL.encode(challenge))),
            JSONText.Member(name: "origin", value: .string(origin)),
        ]
        if let crossOrigin { members.append(JSONText.Member(name: "crossOrigin", value: crossOrigin)) }
        return Array(JSONText.object(members + more).written.utf8)
    }

    package func authenticatorData(attests: Bool) throws -> [UInt8] {
        var bytes = Array(SHA256.hash(data: Array(domain.utf8)))
        bytes.append(attests ? flags | 1 << 6 : flags)
        bytes += (0..<4).reversed().map { UInt8(truncatingIfNeeded: counter >> UInt32($0 * 8)) }
        if attests {
            bytes += [UInt8](repeating: 0xAA, count: 16) + [UInt8(id.count >> 8 & 255), UInt8(id.count & 255)] + id
            bytes += try (attestedKey ?? key()).encoded
        }
        return bytes + extensions + trailing
    }

    package func attestationObject(data: [UInt8]) -> [UInt8] {
        CBOR.map([
            CBOR.Member(key: .text("fmt"), value: format), CBOR.Member(key: .text("attStmt"), value: statement),
            CBOR.Member(key: .text("authData"), value: .bytes(data)),
        ]).encoded
    }

    private func answer(_ response: [(String, JSONText)]) -> [UInt8] {
        let id = Base64URL.encode(shownID ?? self.id)
        let members = response.map { JSONText.Member(name: $0.0, value: $0.1) }
        let json: JSONText = [
            "id": .string(id), "rawId": .string(id), "type": .string(responseType), "response": .object(members),
            "clientExtensionResults": [:],
        ]
        return Array(json.written.utf8)
    }

    /// - Parameter attests: whether a credential is in it.
    package func registration(attests: Bool = true) throws -> RegistrationResponse {
        try RegistrationResponse(registrationJSON(attests: attests))
    }

    /// As a browser writes it.
    package func registrationJSON(attests: Bool = true) throws -> [UInt8] {
        let data = try authenticatorData(attests: attests)
        return answer([
            ("clientDataJSON", .string(Base64URL.encode(clientData("webauthn.create")))),
            ("attestationObject", .string(Base64URL.encode(attestationObject(data: data)))),
        ])
    }

    /// - Parameter flipping: which bit of the signature is another one.
    package func assertion(attests: Bool = false, flipping bit: Int? = nil) throws -> AssertionResponse {
        try AssertionResponse(assertionJSON(attests: attests, flipping: bit))
    }

    /// As a browser writes it.
    package func assertionJSON(attests: Bool = false, flipping bit: Int? = nil) throws -> [UInt8] {
        let (client, data) = (clientData("webauthn.get"), try authenticatorData(attests: attests))
        let signed = data + Array(SHA256.hash(data: client))
        let key = try P256.Signing.PrivateKey(rawRepresentation: privateKey)
        var signature = Array(try key.signature(for: signed).derRepresentation)
        if let bit { signature[bit / 8 % signature.count] ^= 1 << UInt8(bit % 8) }
        var members: [(String, JSONText)] = [
            ("clientDataJSON", .string(Base64URL.encode(client))),
            ("authenticatorData", .string(Base64URL.encode(data))),
            ("signature", .string(Base64URL.encode(signature))),
        ]
        if let userHandle { members.append(("userHandle", .string(Base64URL.encode(userHandle)))) }
        return answer(members)
    }
}
