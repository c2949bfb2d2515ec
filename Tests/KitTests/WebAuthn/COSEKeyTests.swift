import Testing
import Values
import WebAuthn

@Suite("Keys of passkeys")
struct COSEKeyTests {
    private static func valid(_ algorithm: Int64) throws -> [CBOR.Member] {
        let vector = try #require(WebAuthnVector.all.first { $0.algorithm == algorithm })
        return try #require(CBOR(CBORTests.bytes(vector.key)).members)
    }

    private static func key(
        _ algorithm: Int64, _ changes: [Int64: CBOR?]
    ) throws -> CBOR {
        let kept = try valid(algorithm).filter { member in !changes.keys.contains { CBOR.Key.integer($0) == member.key }
        }
        return .map(
            kept + changes.compactMap { key, value in value.map { CBOR.Member(key: .integer(key), value: $0) } })
    }

    @Test("A key gives back its canonical bytes, in whatever order it was sent", arguments: WebAuthnVector.all)
    func canonical(vector: WebAuthnVector) throws {
        let bytes = try CBORTests.bytes(vector.key)
        let key = try COSEKey(bytes)
        #expect(key.algorithm.rawValue == vector.algorithm)
        #expect(key.canonical == bytes)
        let members = try #require(CBOR(bytes).members)
        let turned = try COSEKey(.map(members.reversed()))
        #expect(turned.canonical == bytes)
        #expect(turned == key)
        #expect(try COSEKey(key.canonical) == key)
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(bytes + [0]) }
    }

    @Test("A parameter that is missing, of another kind or too many is refused", arguments: [-7, -8, -257] as [Int64])
    func parameters(algorithm: Int64) throws {
        _ = try COSEKey(Self.key(algorithm, [:]))
        for member in try Self.valid(algorithm) {
            let label = try #require((-3...3).first { CBOR.Key.integer($0) == member.key })
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(algorithm, [label: CBOR?.none])) }
            for other in [CBOR.text("x"), .null, .bytes([]), .array([]), .boolean(true), .negative(.max)] {
                #expect(throws: WebAuthnError.self) { try COSEKey(Self.key(algorithm, [label: other])) }
            }
        }
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(algorithm, [2: .bytes([1])])) }
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(algorithm, [1: .unsigned(4)])) }
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(CBOR.array([])) }
    }

    @Test("An algorithm that is not known is told apart from a broken key")
    func algorithms() throws {
        for number in [-35, -36, -37, -47, -65_535, 1] as [Int64] {
            let value: CBOR = number < 0 ? .negative(UInt64(-1 - number)) : .unsigned(UInt64(number))
            #expect(throws: WebAuthnError.algorithm) { try COSEKey(Self.key(-7, [3: value])) }
        }
        // One kind of key under the number of another.
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-7, [3: .negative(7)])) }
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-8, [3: .negative(6)])) }
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-257, [3: .negative(6)])) }
    }

    @Test("A point that is not on P-256 is no key")
    func points() throws {
        let members = try Self.valid(-7)
        var y = try #require(CBOR.map(members)[.integer(-3)]?.content)
        y[31] ^= 1
        let zeros = CBOR.bytes([UInt8](repeating: 0, count: 32))
        let ones = CBOR.bytes([UInt8](repeating: 0xFF, count: 32))
        for changes in [
            [-3: .bytes(y)], [-2: zeros, -3: zeros], [-2: ones], [-3: ones], [-3: .bytes(y + [0])],
            [-3: .bytes(Array(y.dropLast()))], [-3: .boolean(true)], [-1: .unsigned(2)],
        ] as [[Int64: CBOR?]] {
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-7, changes)) }
        }
    }

    @Test(
        "A point of small order, or beyond the field, is no key of Ed25519",
        arguments: [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0000000000000000000000000000000000000000000000000000000000000080",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000080",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "01", "",
        ])
    func weakPoints(x: String) throws {
        let value = CBOR.bytes(try CBORTests.bytes(x))
        #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-8, [-2: value])) }
    }

    @Test("A curve of another kind is no key of Ed25519")
    func curves() throws {
        for curve in [4, 5, 7] as [UInt64] {
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-8, [-1: .unsigned(curve)])) }
        }
    }

    @Test("RSA is taken from 2048 to 4096 bits, with an odd exponent of three at least")
    func rsa() throws {
        func modulus(bits: Int) -> CBOR {
            var bytes = [UInt8](repeating: 0xA5, count: (bits + 7) / 8)
            bytes[0] = bits % 8 == 0 ? 0x80 : 1 << UInt8(bits % 8 - 1)
            return .bytes(bytes)
        }
        for bits in [2048, 2049, 3072, 4095, 4096] {
            #expect(throws: Never.self) { try COSEKey(Self.key(-257, [-1: modulus(bits: bits)])) }
        }
        for bits in [512, 1024, 2047, 4097, 8192] {
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-257, [-1: modulus(bits: bits)])) }
        }
        for exponent in [[3], [5], [1, 0, 1]] as [[UInt8]] {
            #expect(throws: Never.self) { try COSEKey(Self.key(-257, [-2: .bytes(exponent)])) }
        }
        for exponent in [[], [0], [1], [2], [1, 0, 0], [0, 1, 0, 1], [1, 0, 0, 0, 1]] as [[UInt8]] {
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-257, [-2: .bytes(exponent)])) }
        }
        // Leading zeros, and an even modulus.
        let valid = try #require(CBOR.map(Self.valid(-257))[.integer(-1)]?.content)
        for bytes in [[0] + valid, valid.dropLast() + [valid[255] & 0xFE]] {
            #expect(throws: WebAuthnError.malformedKey) { try COSEKey(Self.key(-257, [-1: .bytes(Array(bytes))])) }
        }
    }

    @Test("A signature is of one key over one text", arguments: WebAuthnVector.all)
    func signatures(vector: WebAuthnVector) throws {
        let response = try AssertionResponse(Array(vector.assertion.utf8))
        let signed = response.authenticatorData + (try ClientData(response.clientData).hash)
        let key = try COSEKey(CBORTests.bytes(vector.key))
        #expect(key.verify(response.signature, over: signed))
        #expect(!key.verify(response.signature, over: signed + [0]))
        #expect(!key.verify(response.signature, over: []))
        for broken in [
            [], [0], response.signature + [0], [0] + response.signature, Array(response.signature.dropLast()),
            [UInt8](repeating: 0, count: 64), [UInt8](repeating: 0xFF, count: 256),
            // DER of the signature (0, 0).
            [0x30, 6, 2, 1, 0, 2, 1, 0],
        ] {
            #expect(!key.verify(broken, over: signed))
        }
        for other in WebAuthnVector.all where other.key != vector.key {
            #expect(!(try COSEKey(CBORTests.bytes(other.key)).verify(response.signature, over: signed)))
        }
    }
}
