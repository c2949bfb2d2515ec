import Crypto
import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("ID tokens")
struct IDTokenTests {
    private static func verified(
        _ text: String, _ keys: SigningKeys? = nil, provider: Provider? = nil, now: Instant = SoftProvider.now
    ) throws -> IDToken {
        try IDToken.verified(
            text, with: keys ?? SoftProvider().keys(), of: provider ?? SoftProvider.provider(),
            secrets: SoftProvider.secrets(), now: now)
    }

    private func refuses(
        _ error: OpenIDConnectError, _ location: SourceLocation = #_sourceLocation,
        _ change: (inout SoftProvider) throws -> Void
    ) rethrows {
        var provider = SoftProvider()
        try change(&provider)
        #expect(throws: error, sourceLocation: location) {
            try Self.verified(provider.token(), SoftProvider().keys())
        }
    }

    @Test("What another implementation signed and read back is read", arguments: IDTokenVector.all)
    func vectors(vector: IDTokenVector) throws {
        let keys = try SigningKeys(Array(vector.keys.utf8))
        let token = try Self.verified(vector.token, keys)
        #expect(token.subject == "248289761001")
        #expect(token.issuedAt == Instant(seconds: IDTokenVector.issued))
        #expect(token.expiresAt == Instant(seconds: IDTokenVector.issued + 300))
        #expect(token.authenticatedAt == Instant(seconds: IDTokenVector.issued - 20))
        #expect(token.email?.text == "polly@popug.example" && token.isEmailVerified)
        #expect(token.name == "Polly Popug")
        #expect(token.roles == (vector.testDescription.hasSuffix("no names") ? ["staff"] : ["popug-admins", "staff"]))
        // Nobody else's keys do.
        for other in IDTokenVector.all where other.keys != vector.keys {
            #expect(throws: OpenIDConnectError.self) {
                try Self.verified(vector.token, SigningKeys(Array(other.keys.utf8)))
            }
        }
    }

    @Test("The examples of RFC 7515 hold, and no other text", arguments: SignatureExample.all)
    func examples(example: SignatureExample) throws {
        let keys = try SigningKeys(Array("{\"keys\":[\(example.key)]}".utf8))
        let token = try SignedToken(example.token)
        #expect(try token.verified(with: keys) == Array(SignatureExample.payload.utf8))
        let parts = example.token.parts(at: ".")
        let other = parts[0] + "." + Base64URL.encode(Array("{\"iss\":\"joe\"}".utf8)) + "." + parts[2]
        #expect(throws: OpenIDConnectError.signature) { try SignedToken(other).verified(with: keys) }
    }

    @Test("A token that is not signed, or with what everybody knows, is refused")
    func algorithms() throws {
        for name in ["none", "None", "", "HS256", "HS512", "RS384", "PS256", "ES384", "EdDSA", "rs256", "ES256 "] {
            refuses(.algorithm) { $0.header["alg"] = .string(name) }
        }
        refuses(.malformedToken) { $0.header["alg"] = nil }
        refuses(.malformedToken) { $0.header["alg"] = ["ES256"] }
        refuses(.malformedToken) { $0.header["alg"] = .null }
        var unsigned = SoftProvider()
        unsigned.header["alg"] = "none"
        #expect(throws: OpenIDConnectError.algorithm) { try Self.verified(unsigned.signed() + ".") }
        unsigned.header["alg"] = "ES256"
        #expect(throws: OpenIDConnectError.signature) { try Self.verified(unsigned.signed() + ".") }
    }

    @Test("A code made with the public key as its secret is refused", arguments: IDTokenVector.all)
    func confused(vector: IDTokenVector) throws {
        let keys = try SigningKeys(Array(vector.keys.utf8))
        var provider = SoftProvider()
        for name in ["HS256", vector.algorithm] {
            provider.header["alg"] = .string(name)
            provider.header["kid"] = keys.all[0].name.map { .string($0) }
            let text = provider.signed()
            let code = HMAC<SHA256>.authenticationCode(
                for: Array(text.utf8), using: SymmetricKey(data: Array(vector.keys.utf8)))
            #expect(throws: name == "HS256" ? OpenIDConnectError.algorithm : .signature) {
                try Self.verified(text + "." + Base64URL.encode(code), keys)
            }
        }
    }

    @Test("A header that names extensions is refused, and one that brings keys is not listened to")
    func headers() throws {
        refuses(.critical) { $0.header["crit"] = ["b64"] }
        refuses(.critical) { $0.header["crit"] = [] }
        refuses(.critical) { $0.header["crit"] = .null }
        refuses(.malformedToken) { $0.headerText = #"{"alg":"none","alg":"ES256","kid":"one"}"# }
        refuses(.malformedToken) { $0.headerText = #"{"alg":"ES256","kid":"one"} x"# }
        refuses(.malformedToken) { $0.headerText = #"["ES256"]"# }
        refuses(.malformedToken) { $0.headerText = "" }
        refuses(.malformedToken) { $0.header["kid"] = 1 }
        var provider = SoftProvider()
        provider.header["typ"] = "anything"
        _ = try Self.verified(provider.token())
        // Its own key, in its own header.
        provider.privateKey = [UInt8](repeating: 9, count: 32)
        provider.header["jwk"] = try JSONText(SoftProvider.bytes(provider.key()))
        provider.header["jku"] = "https://evil.example/keys"
        #expect(throws: OpenIDConnectError.signature) { try Self.verified(provider.token(), SoftProvider().keys()) }
    }

    @Test("A key that we do not have is told apart from one of another kind")
    func keyNames() throws {
        refuses(.unknownKey) { $0.header["kid"] = "two" }
        refuses(.unknownKey) { $0.header["kid"] = "ONE" }
        refuses(.unknownKey) { $0.header["kid"] = "" }
        refuses(.keyKind) { $0.header["alg"] = "RS256" }
        refuses(.signature) { $0.privateKey[0] ^= 1 }
        var provider = SoftProvider()
        provider.header["kid"] = nil
        _ = try Self.verified(provider.token())
        let two = try SigningKeys(
            SoftProvider.set([provider.key(), SoftProvider(privateKey: [UInt8](repeating: 9, count: 32)).key()]))
        #expect(throws: OpenIDConnectError.keyNotNamed) { try Self.verified(provider.token(), two) }
        // Two keys of one name: either is the provider's.
        _ = try Self.verified(SoftProvider().token(), two)
        provider.header["alg"] = "RS256"
        #expect(throws: OpenIDConnectError.unknownKey) { try Self.verified(provider.token()) }
    }

    @Test("What is not three parts of base64url, each with one spelling, is refused")
    func parts() throws {
        let token = try SoftProvider().token()
        let parts = token.parts(at: ".")
        for text in [
            "", ".", "..", "...", parts[0], parts[0] + "." + parts[1], token + ".", "." + token, token + ".x",
            token + " ",
            " " + token, token + "\n", token + "=", token + "==", parts[0] + "=." + parts[1] + "." + parts[2],
            parts[0] + "." + parts[1] + "=." + parts[2], parts[0] + "\n." + parts[1] + "." + parts[2],
            parts[0] + ".." + parts[2] + ".", token + "+", token + "\u{0}", "\u{FEFF}" + token,
        ] {
            #expect(throws: OpenIDConnectError.malformedToken, "\(text)") { try Self.verified(text) }
        }
        for text in [parts[0] + "..", parts[0] + ".." + parts[2], parts[0] + "." + parts[1] + "."] {
            #expect(throws: OpenIDConnectError.signature, "\(text)") { try Self.verified(text) }
        }
        // 64 bytes end with four bits that say nothing: another last letter is another spelling.
        let last = try #require(token.utf8.last)
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8 where letter != last {
            let other = String(token.dropLast()) + String(decoding: [letter], as: UTF8.self)
            #expect(throws: OpenIDConnectError.self) { try Self.verified(other) }
        }
    }

    @Test("A token is read up to its limit")
    func large() throws {
        var provider = SoftProvider()
        provider.claims["more"] = .string(String(repeating: "a", count: 9000))
        _ = try Self.verified(provider.token())
        provider.claims["more"] = .string(String(repeating: "a", count: 12_288))
        #expect(throws: OpenIDConnectError.tooLarge) { try Self.verified(provider.token()) }
    }

    @Test("A signature with one bit changed is refused, whichever it is", arguments: IDTokenVector.all)
    func bits(vector: IDTokenVector) throws {
        let keys = try SigningKeys(Array(vector.keys.utf8))
        let parts = vector.token.parts(at: ".")
        let signature = try #require(Base64URL.decode(parts[2]))
        for bit in stride(from: 0, to: signature.count * 8, by: vector.algorithm == "ES256" ? 1 : 29) {
            var other = signature
            other[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: OpenIDConnectError.signature) {
                try Self.verified(parts[0] + "." + parts[1] + "." + Base64URL.encode(other), keys)
            }
        }
        for other in [
            [], [0], signature + [0], [0] + signature, Array(signature.dropLast()), [UInt8](repeating: 0, count: 64),
            [UInt8](repeating: 0xFF, count: signature.count),
        ] {
            #expect(throws: OpenIDConnectError.signature) {
                try Self.verified(parts[0] + "." + parts[1] + "." + Base64URL.encode(other), keys)
            }
        }
    }
}
