import Schemas
import TestKit
import Testing
import Values
import WebAuthn

@Suite("Registrations of passkeys")
struct PasskeyRegistrationTests {
    let party: RelyingParty

    init() throws { party = try #require(SoftAuthenticator.party) }

    private func register(
        _ authenticator: SoftAuthenticator, attests: Bool = true, demandsVerification: Bool = true,
        algorithms: [COSEKey.Algorithm] = COSEKey.Algorithm.allCases
    ) throws -> Credential {
        try party.register(
            authenticator.registration(attests: attests), challenge: SoftAuthenticator.challenge,
            demandsVerification: demandsVerification, algorithms: algorithms)
    }

    private func refuses(
        _ error: WebAuthnError, _ location: SourceLocation = #_sourceLocation,
        _ change: (inout SoftAuthenticator) throws -> Void
    ) rethrows {
        var authenticator = SoftAuthenticator()
        try change(&authenticator)
        #expect(throws: error, sourceLocation: location) { try register(authenticator) }
    }

    @Test("What another implementation made and accepted is accepted", arguments: WebAuthnVector.all)
    func vectors(vector: WebAuthnVector) throws {
        let response = try RegistrationResponse(Array(vector.registration.utf8))
        let challenge = try #require(Base64URL.decode(WebAuthnVector.registrationChallenge))
        let credential = try party.register(response, challenge: challenge, demandsVerification: true)
        #expect(credential.id == response.rawID)
        #expect(credential.key.canonical == (try CBORTests.bytes(vector.key)))
        #expect(credential.counter == vector.counter)
        #expect(credential.format == vector.format)
        #expect(credential.isBackupEligible && credential.isBackedUp && credential.isVerified)
        #expect(credential.transports == ["internal", "hybrid"])
        #expect(credential.model.count == 16)
        #expect(response.isDiscoverable == true)
    }

    @Test("A credential tells what its authenticator said")
    func told() throws {
        var authenticator = SoftAuthenticator()
        var credential = try register(authenticator)
        #expect(credential.id == authenticator.id)
        #expect(credential.counter == 5)
        #expect(credential.model == [UInt8](repeating: 0xAA, count: 16))
        #expect(credential.transports == [])
        authenticator.flags = 1
        authenticator.counter = .max
        credential = try register(authenticator, demandsVerification: false)
        #expect(credential.counter == .max)
        #expect(!credential.isBackupEligible && !credential.isBackedUp && !credential.isVerified)
        // The flags that are reserved mean nothing.
        authenticator.flags = 0b0010_0011
        _ = try register(authenticator, demandsVerification: false)
        // An old browser does not say whether another origin asked.
        authenticator.crossOrigin = nil
        authenticator.more = [JSONText.Member(name: "other_keys_can_be_added_here", value: ["x": [1]])]
        _ = try register(authenticator, demandsVerification: false)
    }

    @Test("Client data of another type, challenge or origin is refused")
    func clientData() {
        refuses(.clientDataType) { $0.type = "webauthn.get" }
        refuses(.clientDataType) { $0.type = "webauthn.create " }
        refuses(.challenge) { $0.challenge[0] ^= 1 }
        refuses(.challenge) { $0.challenge.removeLast() }
        refuses(.challenge) { $0.challenge = [] }
        for origin in [
            "https://popug.example.", "http://popug.example", "https://popug.example:8443", "https://a.popug.example",
            "https://POPUG.example", "https://popug.example/", "null", "", "android:apk-key-hash:x",
        ] {
            refuses(.origin) { $0.origin = origin }
        }
        refuses(.crossOrigin) { $0.crossOrigin = true }
        refuses(.crossOrigin) {
            $0.more = [JSONText.Member(name: "topOrigin", value: "https://popug.example")]
        }
        refuses(.malformedClientData) { $0.crossOrigin = "false" }
        refuses(.malformedClientData) { $0.more = [JSONText.Member(name: "topOrigin", value: 1)] }
        refuses(.malformedClientData) { $0.more = [JSONText.Member(name: "origin", value: "https://popug.example")] }
    }

    @Test("A challenge of ours that is too short to be one lets nobody in")
    func shortChallenge() throws {
        var authenticator = SoftAuthenticator()
        for length in [0, 1, 15] {
            authenticator.challenge = Array(SoftAuthenticator.challenge.prefix(length))
            #expect(throws: WebAuthnError.challenge) {
                try party.register(
                    authenticator.registration(), challenge: authenticator.challenge, demandsVerification: true)
            }
        }
    }

    @Test("Authenticator data for another domain, or without what is demanded, is refused")
    func authenticatorData() throws {
        refuses(.relyingParty) { $0.domain = "popug.example." }
        refuses(.relyingParty) { $0.domain = "example" }
        refuses(.userNotPresent) { $0.flags = 0b1_1100 }
        refuses(.userNotVerified) { $0.flags = 0b1_1001 }
        refuses(.backedUpButNotEligible) { $0.flags = 0b1_0101 }
        refuses(.authenticatorDataLength) { $0.trailing = [0] }
        refuses(.malformedAuthenticatorData(.cut)) { $0.flags |= 1 << 7 }
        refuses(.extensions) {
            $0.flags |= 1 << 7
            $0.extensions = [0x80]
        }
        refuses(.malformedAuthenticatorData(.duplicateKey)) {
            $0.flags |= 1 << 7
            $0.extensions = [0xA2, 0x61, 0x61, 0x00, 0x61, 0x61, 0x00]
        }
        refuses(.authenticatorDataLength) { $0.extensions = [0xA0] }
        var authenticator = SoftAuthenticator()
        authenticator.flags |= 1 << 7
        authenticator.extensions = [0xA1, 0x61, 0x61, 0xF5]
        _ = try register(authenticator)
        #expect(throws: WebAuthnError.noCredential) { try register(SoftAuthenticator(), attests: false) }
    }

    @Test("A credential's id has 1 to 1023 bytes, and is the one that the browser tells")
    func ids() throws {
        var authenticator = SoftAuthenticator()
        for length in [1, 16, 1023] {
            authenticator.id = [UInt8](repeating: 9, count: length)
            #expect(try register(authenticator).id.count == length)
        }
        refuses(.credentialID) { $0.id = [UInt8](repeating: 9, count: 1024) }
        refuses(.credentialID) { $0.id = [] }
        refuses(.credentialID) {
            $0.id = [UInt8](repeating: 9, count: 1024)
            $0.shownID = [1]
        }
        refuses(.credentialID) {
            $0.id = []
            $0.shownID = [1]
        }
        refuses(.credentialID) { $0.shownID = [1] }
        refuses(.credentialType) { $0.responseType = "password" }
    }

    @Test("An algorithm that was not asked for is refused")
    func algorithms() throws {
        #expect(throws: WebAuthnError.algorithm) {
            try register(SoftAuthenticator(), algorithms: [.edDSA, .rs256])
        }
        _ = try register(SoftAuthenticator(), algorithms: [.es256])
        refuses(.algorithm) { $0.attestedKey = .map([CBOR.Member(key: .integer(3), value: .negative(34))]) }
        refuses(.malformedKey) { $0.attestedKey = .map([]) }
        refuses(.malformedKey) { $0.attestedKey = .null }
    }

    @Test("A statement is not looked into, but of format none it is empty")
    func statements() throws {
        let statement = CBOR.map([CBOR.Member(key: .text("sig"), value: .bytes([1]))])
        refuses(.statementNotEmpty) { $0.statement = statement }
        for format in ["packed", "fido-u2f", "apple", "never-heard-of"] {
            var authenticator = SoftAuthenticator()
            authenticator.format = .text(format)
            authenticator.statement = statement
            #expect(try register(authenticator).format == format)
            // As in the format `compound`.
            authenticator.statement = .array([statement])
            #expect(try register(authenticator).format == format)
            authenticator.statement = .bytes([])
            #expect(throws: WebAuthnError.attestationShape) { try register(authenticator) }
        }
        refuses(.statementNotEmpty) { $0.statement = .array([]) }
        refuses(.attestationShape) { $0.format = .unsigned(1) }
        #expect(throws: WebAuthnError.attestationShape) { try AttestationObject([0xA0]) }
        #expect(throws: WebAuthnError.attestationShape) { try AttestationObject([0x80]) }
        #expect(throws: WebAuthnError.malformedAttestation(.cut)) { try AttestationObject([]) }
        #expect(throws: WebAuthnError.malformedAttestation(.trailing)) { try AttestationObject([0xA0, 0]) }
    }

    @Test("Authenticator data says itself that an id is too long, or longer than what is left")
    func idsInside() throws {
        var authenticator = SoftAuthenticator()
        for length in [0, 1024, 65_535] {
            authenticator.id = [UInt8](repeating: 9, count: length)
            let data = try authenticator.authenticatorData(attests: true)
            #expect(throws: WebAuthnError.credentialID) { try AuthenticatorData(data) }
        }
        authenticator.id = [UInt8](repeating: 9, count: 100)
        let data = try authenticator.authenticatorData(attests: true)
        for length in [37, 54, 55, 154] {
            #expect(throws: WebAuthnError.authenticatorDataLength) { try AuthenticatorData(Array(data.prefix(length))) }
        }
        #expect(throws: WebAuthnError.malformedAuthenticatorData(.cut)) {
            try AuthenticatorData(Array(data.prefix(155)))
        }
    }

    @Test("Authenticator data that ends anywhere is refused")
    func cut() throws {
        var authenticator = SoftAuthenticator()
        authenticator.flags |= 1 << 7
        authenticator.extensions = [0xA1, 0x61, 0x61, 0xF5]
        let whole = try authenticator.authenticatorData(attests: true)
        _ = try AuthenticatorData(whole)
        for length in 0..<whole.count {
            #expect(throws: WebAuthnError.self) { try AuthenticatorData(Array(whole.prefix(length))) }
        }
    }
}
