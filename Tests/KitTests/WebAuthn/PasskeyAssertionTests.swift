import Schemas
import TestKit
import Testing
import Values
import WebAuthn

@Suite("Assertions of passkeys")
struct PasskeyAssertionTests {
    let party: RelyingParty
    let credential: Credential

    init() throws {
        party = try #require(SoftAuthenticator.party)
        credential = try party.register(
            SoftAuthenticator().registration(), challenge: SoftAuthenticator.challenge, demandsVerification: true)
    }

    private func assert(
        _ response: AssertionResponse, _ credential: Credential? = nil, demandsVerification: Bool = true
    ) throws -> Assertion {
        try party.assert(
            response, credential: credential ?? self.credential, userHandle: SoftAuthenticator.handle,
            challenge: SoftAuthenticator.challenge, demandsVerification: demandsVerification)
    }

    private func refuses(
        _ error: WebAuthnError, _ location: SourceLocation = #_sourceLocation,
        _ change: (inout SoftAuthenticator) throws -> Void
    ) rethrows {
        var authenticator = SoftAuthenticator()
        authenticator.counter = 6
        try change(&authenticator)
        #expect(throws: error, sourceLocation: location) { try assert(authenticator.assertion()) }
    }

    @Test("What another implementation made and accepted is accepted", arguments: WebAuthnVector.all)
    func vectors(vector: WebAuthnVector) throws {
        let registered = try party.register(
            RegistrationResponse(Array(vector.registration.utf8)),
            challenge: try #require(Base64URL.decode(WebAuthnVector.registrationChallenge)), demandsVerification: true)
        let response = try AssertionResponse(Array(vector.assertion.utf8))
        let handle = try #require(Base64URL.decode(WebAuthnVector.userHandle))
        let challenge = try #require(Base64URL.decode(WebAuthnVector.assertionChallenge))
        let assertion = try party.assert(
            response, credential: registered, userHandle: handle, challenge: challenge, demandsVerification: true)
        #expect(assertion.counter == (vector.counter == 0 ? 0 : vector.counter + 1))
        #expect(!assertion.isCloned && assertion.isVerified && assertion.isBackedUp)
        #expect(response.userHandle == handle)
        // A key of another kind, under the same id.
        for other in WebAuthnVector.all where other.key != vector.key {
            let swapped = Credential(
                id: registered.id, key: try COSEKey(CBORTests.bytes(other.key)), counter: 0, model: registered.model,
                isBackupEligible: true, isBackedUp: true, isVerified: true, transports: [], format: "none")
            #expect(throws: WebAuthnError.signature) {
                try party.assert(
                    response, credential: swapped, userHandle: handle, challenge: challenge, demandsVerification: true)
            }
        }
    }

    @Test("A registration is no assertion, and client data of another challenge or origin is refused")
    func clientData() {
        refuses(.clientDataType) { $0.type = "webauthn.create" }
        refuses(.challenge) { $0.challenge[31] ^= 0x80 }
        refuses(.origin) { $0.origin = "https://popug.example.evil.example" }
        refuses(.crossOrigin) { $0.crossOrigin = true }
        refuses(.crossOrigin) { $0.more = [JSONText.Member(name: "topOrigin", value: "https://evil.example")] }
        refuses(.malformedClientData) { $0.crossOrigin = .null }
    }

    @Test("Authenticator data for another domain, or without what is demanded, is refused")
    func authenticatorData() throws {
        refuses(.relyingParty) { $0.domain = "evil.example" }
        refuses(.userNotPresent) { $0.flags &= ~1 }
        refuses(.userNotVerified) { $0.flags &= ~4 }
        refuses(.backedUpButNotEligible) { $0.flags = 0b1_0101 }
        refuses(.backupEligibility) { $0.flags = 0b0_0101 }
        refuses(.authenticatorDataLength) { $0.trailing = [0] }
        refuses(.authenticatorDataLength) { $0.extensions = [0xA0] }
        var authenticator = SoftAuthenticator()
        #expect(throws: WebAuthnError.unexpectedCredential) { try assert(authenticator.assertion(attests: true)) }
        authenticator.flags = 0b0_1001
        let assertion = try assert(authenticator.assertion(), demandsVerification: false)
        #expect(!assertion.isVerified && !assertion.isBackedUp)
        authenticator.flags = 0b1000_1101
        authenticator.extensions = [0xA1, 0x61, 0x61, 0xF5]
        _ = try assert(authenticator.assertion())
    }

    @Test("A credential that could not be backed up stays so")
    func eligibility() throws {
        var authenticator = SoftAuthenticator()
        authenticator.flags = 0b0_0101
        let single = try party.register(
            authenticator.registration(), challenge: SoftAuthenticator.challenge, demandsVerification: true)
        _ = try assert(authenticator.assertion(), single)
        authenticator.flags = 0b0_1101
        #expect(throws: WebAuthnError.backupEligibility) { try assert(authenticator.assertion(), single) }
    }

    @Test("Another credential, somebody else's, or another key is refused")
    func credentials() throws {
        refuses(.otherCredential) { $0.id[0] ^= 1 }
        refuses(.credentialID) { $0.id = [] }
        refuses(.credentialID) { $0.id = [UInt8](repeating: 0, count: 1024) }
        refuses(.credentialType) { $0.responseType = "" }
        refuses(.userHandle) { $0.userHandle?[0] ^= 1 }
        refuses(.userHandle) { $0.userHandle = [] }
        refuses(.signature) { $0.privateKey[0] ^= 1 }
        var authenticator = SoftAuthenticator()
        authenticator.userHandle = nil
        _ = try assert(authenticator.assertion())
    }

    @Test("A signature with one bit changed is refused, whichever it is")
    func bits() throws {
        _ = try assert(SoftAuthenticator().assertion())
        for bit in 0..<72 * 8 {
            let response = try SoftAuthenticator().assertion(flipping: bit)
            #expect(throws: WebAuthnError.signature) { try assert(response) }
        }
    }

    @Test(
        "A counter that has not grown is told, and no counter at all is none",
        arguments: [
            (0, 0, false), (0, 1, false), (0, .max, false), (5, 6, false), (5, 5, true), (5, 4, true), (5, 0, true),
            (.max, .max, true), (.max, 0, true), (.max - 1, .max, false),
        ] as [(UInt32, UInt32, Bool)])
    func counters(kept: UInt32, sent: UInt32, isCloned: Bool) throws {
        var authenticator = SoftAuthenticator()
        authenticator.counter = kept
        let known = try party.register(
            authenticator.registration(), challenge: SoftAuthenticator.challenge, demandsVerification: true)
        authenticator.counter = sent
        let assertion = try assert(authenticator.assertion(), known)
        #expect(assertion.counter == sent)
        #expect(assertion.isCloned == isCloned)
    }
}
