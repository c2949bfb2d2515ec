import Schemas
import TestKit
import Testing
import Values
import WebAuthn

@Suite("Passkeys and browsers")
struct PasskeyJSONTests {
    @Test(
        "A relying party is a domain that browsers have passkeys for",
        arguments: [
            ("https://popug.example", "popug.example", "https://popug.example"),
            ("https://popug.example/", "popug.example", "https://popug.example"),
            ("https://popug.example/a?b#c", "popug.example", "https://popug.example"),
            ("HTTPS://Popug.Example:443", "popug.example", "https://popug.example"),
            ("https://popug.example:8443/", "popug.example", "https://popug.example:8443"),
            ("https://popug.example:08443", "popug.example", "https://popug.example:8443"),
            ("http://localhost:8080", "localhost", "http://localhost:8080"),
            ("http://localhost:80", "localhost", "http://localhost"),
            ("http://a.localhost", "a.localhost", "http://a.localhost"),
            ("https://xn--bcher-kva.example", "xn--bcher-kva.example", "https://xn--bcher-kva.example"),
            ("https://10.example", "10.example", "https://10.example"),
            ("https://intranet", "intranet", "https://intranet"),
        ])
    func parties(address: String, id: String, origin: String) throws {
        let party = try #require(RelyingParty(address: address))
        #expect(party.id == id)
        #expect(party.origin == origin)
    }

    @Test(
        "An IP address, http to elsewhere, or what is no address makes no relying party",
        arguments: [
            "https://127.0.0.1", "http://127.0.0.1:8080", "https://[::1]", "http://[::1]:8080", "https://127.1",
            "https://0x7f000001", "https://0x7F.1", "https://1.2.3.0x", "https://2130706433",
            "https://[2001:db8::1]:443",
            "http://popug.example", "http://localhost.example", "http://notlocalhost", "ftp://popug.example",
            "popug.example", "", "https://", "https:///", "https://:443", "https://a b", "https://u@popug.example",
            "https://popug.example@evil.example", "https://popug.example:", "https://popug.example:0",
            "https://popug.example:65536", "https://popug.example:8a", "https://popug.example:-1",
            "https://popug..example", "https://popug.example.", "https://.example", "https://-a.example",
            "https://a-.example", "https://a_b.example", "https://b\u{FC}cher.example",
            "https://popug.example\u{0}", "https://popug.example\\a",
            "https://" + String(repeating: "a", count: 64) + ".example",
            "https://" + String(repeating: "a.", count: 130) + "example",
        ])
    func noParties(address: String) {
        #expect(RelyingParty(address: address) == nil)
    }

    @Test("What a browser sends fits the schema of a body", arguments: WebAuthnVector.all)
    func bodies(vector: WebAuthnVector) throws {
        #expect(RegistrationResponse.schema.faults(in: try JSONText(Array(vector.registration.utf8))).isEmpty)
        #expect(AssertionResponse.schema.faults(in: try JSONText(Array(vector.assertion.utf8))).isEmpty)
    }

    @Test("A response is read up to its limit, and says where it is wrong")
    func responses() throws {
        let valid = try #require(WebAuthnVector.all.first).assertion
        _ = try AssertionResponse(Array(valid.utf8))
        let room = RegistrationResponse.largest - valid.utf8.count
        _ = try AssertionResponse(Array((valid + String(repeating: " ", count: room)).utf8))
        #expect(throws: WebAuthnError.tooLarge) {
            try AssertionResponse(Array((valid + String(repeating: " ", count: room + 1)).utf8))
        }
        #expect(throws: WebAuthnError.tooLarge) {
            try RegistrationResponse([UInt8](repeating: 0x5B, count: 1_000_000))
        }
        for text in ["", "{", "[]x", "\u{FEFF}{}", "{\"id\":\"\",\"id\":\"\"}", String(repeating: "[", count: 60_000)] {
            #expect(throws: WebAuthnError.malformedResponse("")) { try AssertionResponse(Array(text.utf8)) }
            #expect(throws: WebAuthnError.malformedResponse("")) { try RegistrationResponse(Array(text.utf8)) }
        }
        #expect(throws: WebAuthnError.malformedResponse("id")) { try AssertionResponse(Array("{}".utf8)) }
        #expect(throws: WebAuthnError.malformedResponse("response.signature")) {
            try AssertionResponse(Array(valid.replacing(#""signature":""#, with: #""signature":"="#).utf8))
        }
        #expect(throws: WebAuthnError.malformedResponse("response.userHandle")) {
            try AssertionResponse(Array(valid.replacing(#""userHandle":""#, with: #""userHandle":"+"#).utf8))
        }
        // Two ids that are not the same.
        let party = try #require(SoftAuthenticator.party)
        let twisted = try RegistrationResponse(
            Array(
                try #require(WebAuthnVector.all.first).registration.replacing(#"{"id":"#, with: #"{"id":"AAAA","x":"#)
                    .utf8))
        #expect(throws: WebAuthnError.credentialID) {
            try party.register(twisted, challenge: SoftAuthenticator.challenge, demandsVerification: false)
        }
    }

    @Test("Transports are a few short words")
    func transports() throws {
        let valid = try #require(WebAuthnVector.all.first).registration
        let many = (0..<20).map { "\"t\($0)\"" }.joined(separator: ",")
        let long = "\"" + String(repeating: "x", count: 33) + "\""
        let text = valid.replacing(#"["internal","hybrid"]"#, with: "[\(long),\(many)]")
        #expect(try RegistrationResponse(Array(text.utf8)).transports == (0..<8).map { "t\($0)" })
    }

    @Test("Client data is strict JSON with what is needed")
    func clientData() throws {
        let valid = #"{"type":"a","challenge":"AAAA","origin":"b"}"#
        let data = try ClientData(Array(valid.utf8))
        #expect(data.type == "a" && data.challenge == [0, 0, 0] && data.origin == "b" && !data.isCrossOrigin)
        #expect(data.topOrigin == nil && data.hash.count == 32)
        for text in [
            "", "[]", "null", valid + " x", "\u{FEFF}" + valid, #"{"type":"a","challenge":"AAAA"}"#,
            #"{"type":"a","origin":"b"}"#, #"{"challenge":"AAAA","origin":"b"}"#,
            #"{"type":1,"challenge":"AAAA","origin":"b"}"#, #"{"type":"a","challenge":"AA=","origin":"b"}"#,
            #"{"type":"a","challenge":"AB","origin":"b"}"#, #"{"type":"a","challenge":"AA+A","origin":"b"}"#,
            #"{"type":"a","challenge":null,"origin":"b"}"#, #"{"type":"a","type":"a","challenge":"AAAA","origin":"b"}"#,
        ] {
            #expect(throws: WebAuthnError.malformedClientData) { try ClientData(Array(text.utf8)) }
        }
    }

    @Test("Options are written as browsers read them")
    func options() throws {
        let party = try #require(SoftAuthenticator.party)
        let known = CredentialDescriptor(id: [1, 2, 3], transports: ["internal"])
        let creation = CreationOptions(
            for: party, named: "Popug \"Inc\"", user: UserEntity(handle: [9, 9], name: "e@x", displayName: "Emma"),
            challenge: SoftAuthenticator.challenge, excluded: [known], verification: .required, milliseconds: 60_000)
        let challenge = Base64URL.encode(SoftAuthenticator.challenge)
        let user = #"{"displayName":"Emma","id":"CQk","name":"e@x"}"#
        let written = """
            {"attestation":"none","authenticatorSelection":{"requireResidentKey":true,"residentKey":"required",\
            "userVerification":"required"},"challenge":"\(challenge)","excludeCredentials":[{"id":"AQID",\
            "transports":["internal"],"type":"public-key"}],"extensions":{"credProps":true},"pubKeyCredParams":[\
            {"alg":-7,"type":"public-key"},{"alg":-8,"type":"public-key"},{"alg":-257,"type":"public-key"}],\
            "rp":{"id":"popug.example","name":"Popug \\"Inc\\""},"timeout":60000,"user":\(user)}
            """
        #expect(String(decoding: creation.written, as: UTF8.self) == written)
        #expect(CreationOptions.schema.faults(in: try JSONText(creation.written)).isEmpty)
        let request = RequestOptions(
            for: party, challenge: SoftAuthenticator.challenge,
            allowed: [known, CredentialDescriptor(id: [4], transports: [])], verification: .preferred,
            milliseconds: 1)
        let asked = """
            {"allowCredentials":[{"id":"AQID","transports":["internal"],"type":"public-key"},{"id":"BA",\
            "type":"public-key"}],"challenge":"\(challenge)","rpId":"popug.example","timeout":1,\
            "userVerification":"preferred"}
            """
        #expect(String(decoding: request.written, as: UTF8.self) == asked)
        #expect(RequestOptions.schema.faults(in: try JSONText(request.written)).isEmpty)
    }
}
