import Schemas
import TestKit
import Testing
import Values
import WebAuthn

/// Valid answers of every algorithm, changed at random: nothing crashes, and nothing gets in that was not signed.
@Suite("Passkeys under hostile bytes")
struct PasskeyFuzzTests {
    let party: RelyingParty

    init() throws { party = try #require(SoftAuthenticator.party) }

    /// A response with one of its byte strings replaced.
    private static func replacing(_ name: String, in text: String, by bytes: [UInt8]) throws -> [UInt8] {
        guard case .object(let members) = try JSONText(Array(text.utf8)),
            case .object(let inner)? = JSONText.object(members).member("response")
        else { return [] }
        let changed = inner.map {
            $0.name == name ? JSONText.Member(name: name, value: .string(Base64URL.encode(bytes))) : $0
        }
        let whole = members.map { $0.name == "response" ? JSONText.Member(name: $0.name, value: .object(changed)) : $0 }
        return Array(JSONText.object(whole).written.utf8)
    }

    @Test("A changed assertion is never accepted", arguments: WebAuthnVector.all)
    func assertions(vector: WebAuthnVector) throws {
        let credential = try party.register(
            RegistrationResponse(Array(vector.registration.utf8)),
            challenge: try #require(Base64URL.decode(WebAuthnVector.registrationChallenge)), demandsVerification: true)
        let handle = try #require(Base64URL.decode(WebAuthnVector.userHandle))
        let challenge = try #require(Base64URL.decode(WebAuthnVector.assertionChallenge))
        let valid = try AssertionResponse(Array(vector.assertion.utf8))
        var mutations = Mutations(seed: UInt64(bitPattern: vector.algorithm) &+ UInt64(vector.counter))
        let parts = [
            ("clientDataJSON", valid.clientData), ("authenticatorData", valid.authenticatorData),
            ("signature", valid.signature),
        ]
        for round in 0..<700 {
            var bytes: [UInt8]
            if round % 7 == 0 {
                bytes = mutations.changed(Array(vector.assertion.utf8), times: 1 + round % 3)
            } else {
                let (name, part) = parts[round % 3]
                bytes = try Self.replacing(
                    name, in: vector.assertion, by: mutations.changed(part, times: 1 + round % 3))
            }
            guard let response = try? AssertionResponse(bytes) else { continue }
            let isSame =
                response.id == valid.id && response.clientData == valid.clientData
                && response.authenticatorData == valid.authenticatorData && response.signature == valid.signature
            let accepted = try? party.assert(
                response, credential: credential, userHandle: handle, challenge: challenge, demandsVerification: true)
            #expect(accepted == nil || isSame, "\(Hexadecimal.text(bytes))")
        }
    }

    @Test("A changed registration is refused, or is what it says", arguments: WebAuthnVector.all)
    func registrations(vector: WebAuthnVector) throws {
        let challenge = try #require(Base64URL.decode(WebAuthnVector.registrationChallenge))
        let valid = try RegistrationResponse(Array(vector.registration.utf8))
        var mutations = Mutations(seed: UInt64(bitPattern: vector.algorithm) &+ UInt64(vector.counter) &+ 1000)
        let parts = [("clientDataJSON", valid.clientData), ("attestationObject", valid.attestationObject)]
        for round in 0..<700 {
            var bytes: [UInt8]
            if round % 7 == 0 {
                bytes = mutations.changed(Array(vector.registration.utf8), times: 1 + round % 3)
            } else {
                let (name, part) = parts[round % 2]
                bytes = try Self.replacing(
                    name, in: vector.registration, by: mutations.changed(part, times: 1 + round % 3))
            }
            guard let response = try? RegistrationResponse(bytes),
                let credential = try? party.register(response, challenge: challenge, demandsVerification: true)
            else { continue }
            // Nothing is signed here: what a browser made of it is its own affair, but it must be whole.
            #expect(credential.id == response.rawID)
            #expect(try COSEKey(credential.key.canonical) == credential.key)
            let data = try ClientData(response.clientData)
            #expect(data.challenge == challenge && data.origin == party.origin && data.type == "webauthn.create")
        }
    }

    @Test("Keys and authenticator data of any bytes are refused or read", arguments: WebAuthnVector.all)
    func parts(vector: WebAuthnVector) throws {
        let key = try CBORTests.bytes(vector.key)
        let object = try RegistrationResponse(Array(vector.registration.utf8)).attestationObject
        let data = try #require(try CBOR(object)[.text("authData")]?.content)
        var mutations = Mutations(seed: 77)
        for round in 0..<400 {
            if let read = try? COSEKey(mutations.changed(key, times: 1 + round % 3)) {
                #expect(try COSEKey(read.canonical) == read)
                #expect(!read.verify(mutations.changed(key), over: data))
            }
            if let read = try? AuthenticatorData(mutations.changed(data, times: 1 + round % 3)) {
                #expect(read.relyingPartyHash.count == 32)
            }
        }
    }
}
