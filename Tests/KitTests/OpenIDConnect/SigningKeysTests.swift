import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("Keys of providers")
struct SigningKeysTests {
    private static func rsa(
        modulus: [UInt8], exponent: [UInt8] = [1, 0, 1], _ more: [String: JSONText] = [:]
    ) -> [String: JSONText] {
        let members: [String: JSONText] = [
            "kty": "RSA", "n": .string(Base64URL.encode(modulus)), "e": .string(Base64URL.encode(exponent)),
        ]
        return members.merging(more) { $1 }
    }

    private static func modulus(bits: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xA5, count: (bits + 7) / 8)
        bytes[0] = bits % 8 == 0 ? 0x80 : 1 << UInt8(bits % 8 - 1)
        return bytes
    }

    private static func read(_ keys: [String: JSONText]...) throws -> SigningKeys {
        try SigningKeys(SoftProvider.set(keys))
    }

    /// The key alone, and beside a good one.
    private func skips(_ key: [String: JSONText], _ location: SourceLocation = #_sourceLocation) throws {
        #expect(throws: OpenIDConnectError.noKeys, sourceLocation: location) { try Self.read(key) }
        let good = try SoftProvider().key()
        #expect(try Self.read(key, good).all == Self.read(good).all, sourceLocation: location)
    }

    @Test("The sets of another implementation are read", arguments: IDTokenVector.all)
    func vectors(vector: IDTokenVector) throws {
        let keys = try SigningKeys(Array(vector.keys.utf8))
        #expect(keys.all.count == 1)
        #expect(keys.all[0].algorithm.rawValue == vector.algorithm)
        #expect(keys.all[0].name == ["RS256, 2048 bits": "2026-11", "ES256": "a/b+c"][vector.testDescription])
    }

    @Test("RSA is taken from 2048 to 8192 bits, with an odd exponent of 65537 at least")
    func rsa() throws {
        for bits in [2048, 2049, 3072, 4096, 8191, 8192] {
            #expect(try Self.read(Self.rsa(modulus: Self.modulus(bits: bits))).all.count == 1, "\(bits)")
        }
        for bits in [8, 512, 1024, 2047, 8193, 16_384] {
            try skips(Self.rsa(modulus: Self.modulus(bits: bits)))
        }
        let good = Self.modulus(bits: 2048)
        for exponent in [[1, 0, 1], [1, 0, 3], [0xFF, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
            #expect(try Self.read(Self.rsa(modulus: good, exponent: exponent)).all.count == 1)
        }
        for exponent in [[], [0], [1], [3], [0xFF, 0xFF], [1, 0, 0], [1, 0, 2], [0, 1, 0, 1], [1, 0, 0, 0, 1]]
            as [[UInt8]]
        {
            try skips(Self.rsa(modulus: good, exponent: exponent))
        }
        // Leading zeros, an even modulus, none at all.
        for modulus in [[0] + good, good.dropLast() + [2], []] { try skips(Self.rsa(modulus: Array(modulus))) }
    }

    @Test("A point that is not on P-256, or not written in full, is no key")
    func points() throws {
        let valid = try SoftProvider().key()
        let x = try String(json: #require(valid["x"]))
        let y = try String(json: #require(valid["y"]))
        var other = try #require(Base64URL.decode(y))
        other[31] ^= 1
        let zeros = JSONText.string(Base64URL.encode([UInt8](repeating: 0, count: 32)))
        let ones = JSONText.string(Base64URL.encode([UInt8](repeating: 0xFF, count: 32)))
        for changes in [
            ["y": .string(Base64URL.encode(other))], ["x": zeros, "y": zeros], ["x": ones], ["y": ones], ["x": zeros],
            ["y": .string(Base64URL.encode(other + [0]))], ["y": .string(Base64URL.encode(other.dropLast()))],
            ["x": .string(x + "=")], ["x": .string(" " + x)], ["x": .string("")], ["x": nil], ["y": nil],
            ["x": .null], ["y": 1], ["crv": "P-384"], ["crv": "secp256k1"], ["crv": nil], ["kty": "OKP"], ["kty": nil],
            ["kty": "ec"],
        ] as [[String: JSONText?]] {
            try skips(SoftProvider().key(changes))
        }
    }

    @Test("Keys of other kinds, for other things, or with their secret half are skipped")
    func others() throws {
        try skips(["kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "one"])
        try skips(["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
        try skips(["kty": "new", "kid": ["one"]])
        try skips([:])
        for changes in [
            ["d": "AAAA"], ["d": .null], ["use": "enc"], ["use": "SIG"], ["key_ops": ["sign"]], ["key_ops": []],
            ["key_ops": "verify"], ["alg": "ES384"], ["alg": "RS256"], ["alg": "none"], ["alg": "ECDH-ES"], ["kid": 1],
        ] as [[String: JSONText?]] {
            try skips(SoftProvider().key(changes))
        }
        let rsa = Self.modulus(bits: 2048)
        for name in ["RS512", "PS256", "RSA-OAEP", "ES256", "HS256"] {
            try skips(Self.rsa(modulus: rsa, ["alg": .string(name)]))
        }
        for changes in [
            [:], ["use": nil], ["alg": nil], ["key_ops": ["verify"]], ["kid": nil], ["x5c": ["AA"]], ["use": .null],
        ] as [[String: JSONText?]] {
            #expect(try Self.read(SoftProvider().key(changes)).all.count == 1)
        }
    }

    @Test("A key is found by its name and what it signs with")
    func names() throws {
        let (one, two) = (SoftProvider(), SoftProvider(privateKey: [UInt8](repeating: 9, count: 32)))
        let rsa = Self.rsa(modulus: Self.modulus(bits: 2048), ["kid": "one"])
        let keys = try Self.read(one.key(), one.key(), two.key(["kid": "two"]), two.key(), rsa)
        #expect(keys.all.count == 4)
        #expect(try keys.keys(named: "two", for: .es256) == [keys.all[1]])
        #expect(try keys.keys(named: "one", for: .es256) == [keys.all[0], keys.all[2]])
        #expect(try keys.keys(named: "one", for: .rs256) == [keys.all[3]])
        #expect(try keys.keys(named: nil, for: .rs256) == [keys.all[3]])
        #expect(throws: OpenIDConnectError.keyNotNamed) { try keys.keys(named: nil, for: .es256) }
        #expect(throws: OpenIDConnectError.keyKind) { try keys.keys(named: "two", for: .rs256) }
        for name in ["", "One", "one ", "three"] {
            #expect(throws: OpenIDConnectError.unknownKey) { try keys.keys(named: name, for: .es256) }
        }
        // The same letters to readers, other bytes.
        let composed = try Self.read(one.key(["kid": "\u{E9}"]))
        #expect(throws: OpenIDConnectError.unknownKey) { try composed.keys(named: "e\u{301}", for: .es256) }
        #expect(throws: OpenIDConnectError.unknownKey) { try composed.keys(named: nil, for: .rs256) }
    }

    @Test("What is no set of keys is refused")
    func sets() throws {
        for text in [
            "", "{}", "[]", "null", "{\"keys\":{}}", "{\"keys\":null}", "{\"keys\":[1]}", "{\"keys\":[null]}",
            "{\"keys\":[],\"keys\":[]}", "{\"keys\":[{\"kty\":\"EC\",\"kty\":\"RSA\"}]}", "{\"keys\":[]} x",
        ] {
            #expect(throws: OpenIDConnectError.malformedKeys, "\(text)") { try SigningKeys(Array(text.utf8)) }
        }
        #expect(throws: OpenIDConnectError.noKeys) { try SigningKeys(Array("{\"keys\":[]}".utf8)) }
        let good = try SoftProvider().key()
        let filler = [[String: JSONText]](repeating: ["kty": "oct"], count: SigningKeys.most - 1)
        #expect(try SigningKeys(SoftProvider.set(filler + [good])).all.count == 1)
        #expect(throws: OpenIDConnectError.tooManyKeys) {
            try SigningKeys(SoftProvider.set(filler + [good, good]))
        }
        let bytes = try SoftProvider.set([good])
        let room = [UInt8](repeating: 0x20, count: SigningKeys.largest - bytes.count)
        _ = try SigningKeys(bytes + room)
        #expect(throws: OpenIDConnectError.tooLarge) { try SigningKeys(bytes + room + [0x20]) }
    }
}
