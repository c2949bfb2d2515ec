import TestKit
import Testing
import Values
import WebAuthn

@Suite("CBOR of authenticators")
struct CBORTests {
    static func bytes(_ hexadecimal: String) throws -> [UInt8] { try #require(Hexadecimal.bytes(hexadecimal)) }

    /// Examples of RFC 8949, appendix A.
    static let examples: [(String, CBOR)] = [
        ("00", .unsigned(0)), ("01", .unsigned(1)), ("0a", .unsigned(10)), ("17", .unsigned(23)),
        ("1818", .unsigned(24)), ("1819", .unsigned(25)), ("1864", .unsigned(100)), ("1903e8", .unsigned(1000)),
        ("1a000f4240", .unsigned(1_000_000)), ("1b000000e8d4a51000", .unsigned(1_000_000_000_000)),
        ("1bffffffffffffffff", .unsigned(.max)), ("3bffffffffffffffff", .negative(.max)),
        ("20", .negative(0)), ("29", .negative(9)), ("3863", .negative(99)), ("3903e7", .negative(999)),
        ("f4", .boolean(false)), ("f5", .boolean(true)), ("f6", .null),
        ("40", .bytes([])), ("4401020304", .bytes([1, 2, 3, 4])),
        ("60", .text("")), ("6161", .text("a")), ("6449455446", .text("IETF")), ("62225c", .text("\"\\")),
        ("62c3bc", .text("\u{FC}")), ("63e6b0b4", .text("\u{6C34}")), ("64f0908591", .text("\u{10151}")),
        ("80", .array([])), ("83010203", .array([.unsigned(1), .unsigned(2), .unsigned(3)])),
        (
            "8301820203820405",
            .array([
                .unsigned(1), .array([.unsigned(2), .unsigned(3)]), .array([.unsigned(4), .unsigned(5)]),
            ])
        ),
        (
            "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
            .array((1...25).map { .unsigned($0) })
        ),
        ("a0", .map([])),
        ("a201020304", map((.unsigned(1), .unsigned(2)), (.unsigned(3), .unsigned(4)))),
        (
            "a26161016162820203",
            map((.text("a"), .unsigned(1)), (.text("b"), .array([.unsigned(2), .unsigned(3)])))
        ),
        ("826161a161626163", .array([.text("a"), map((.text("b"), .text("c")))])),
        (
            "a56161614161626142616361436164614461656145",
            map(
                (.text("a"), .text("A")), (.text("b"), .text("B")), (.text("c"), .text("C")), (.text("d"), .text("D")),
                (.text("e"), .text("E")))
        ),
    ]

    static func map(_ members: (CBOR.Key, CBOR)...) -> CBOR {
        .map(members.map { CBOR.Member(key: $0, value: $1) })
    }

    @Test("Examples of RFC 8949 that authenticators may send are read, and written as they were", arguments: examples)
    func allowed(text: String, value: CBOR) throws {
        let bytes = try Self.bytes(text)
        #expect(try CBOR(bytes) == value)
        #expect(value.encoded == bytes)
        let (read, length) = try CBOR.beginning(of: (bytes + [0xFF, 0])[...])
        #expect(read == value)
        #expect(length == bytes.count)
        #expect(throws: CBOR.Fault.trailing) { try CBOR(bytes + [0]) }
    }

    @Test(
        "Examples of RFC 8949 that authenticators may not send are refused",
        arguments: [
            // Tags: large numbers, times, addresses.
            ("c249010000000000000000", .unsupported), ("c349010000000000000000", .unsupported),
            ("c074323031332d30332d32315432303a30343a30305a", .unsupported), ("c11a514b67b0", .unsupported),
            ("c1fb41d452d9e20000000", .unsupported), ("d74401020304", .unsupported),
            ("d818456449455446", .unsupported),
            ("d82076687474703a2f2f7777772e6578616d706c652e636f6d", .unsupported),
            // Floating point.
            ("f90000", .unsupported), ("f98000", .unsupported), ("f93c00", .unsupported),
            ("fb3ff199999999999a", .unsupported), ("fa47c35000", .unsupported), ("f97c00", .unsupported),
            ("f97e00", .unsupported), ("fa7f800000", .unsupported), ("fb7ff8000000000000", .unsupported),
            // Simple values.
            ("f7", .unsupported), ("f0", .unsupported), ("f8ff", .unsupported),
            // Indefinite lengths.
            ("5f42010243030405ff", .indefinite), ("7f657374726561646d696e67ff", .indefinite), ("9fff", .indefinite),
            ("9f018202039f0405ffff", .indefinite), ("83018202039f0405ff", .indefinite),
            ("bf61610161629f0203ffff", .indefinite), ("826161bf61626163ff", .indefinite),
            ("bf6346756ef563416d7421ff", .indefinite),
        ] as [(String, CBOR.Fault)])
    func refused(text: String, fault: CBOR.Fault) throws {
        let bytes = try Self.bytes(text.count % 2 == 0 ? text : text + "0")
        #expect(throws: fault) { try CBOR(bytes) }
    }

    @Test(
        "What is malformed, has two forms or two meanings is refused",
        arguments: [
            ("", .cut), ("18", .cut), ("1900", .cut), ("1a000000", .cut), ("1b00000000000000", .cut), ("41", .cut),
            ("6261", .cut), ("81", .cut), ("8201", .cut), ("a1", .cut), ("a101", .cut), ("a20102", .cut),
            ("f8", .cut), ("0000", .trailing),
            ("1817", .notShortest), ("1900ff", .notShortest), ("1a0000ffff", .notShortest),
            ("1b00000000ffffffff", .notShortest), ("3817", .notShortest), ("5800", .notShortest),
            ("590001ff", .notShortest), ("7800", .notShortest), ("9800", .notShortest), ("b800", .notShortest),
            ("1c", .reserved), ("3d", .reserved), ("5e", .reserved), ("fc", .reserved), ("1f", .reserved),
            ("3f", .reserved), ("df", .reserved), ("f81f", .reserved), ("f815", .reserved), ("ff", .indefinite),
            ("81ff", .indefinite),
            ("a201020103", .duplicateKey), ("a2616101616102", .duplicateKey), ("a220002000", .duplicateKey),
            ("a1f500", .keyKind), ("a1f600", .keyKind), ("a1410100", .keyKind), ("a1800000", .keyKind),
            ("a1a00000", .keyKind), ("a1180100", .notShortest), ("a161", .cut),
            ("61ff", .notUTF8), ("62c080", .notUTF8), ("63eda080", .notUTF8), ("64f4908080", .notUTF8),
            ("61c3", .notUTF8), ("a161ff00", .notUTF8),
        ] as [(String, CBOR.Fault)])
    func malformed(text: String, fault: CBOR.Fault) throws {
        let bytes = try Self.bytes(text)
        #expect(throws: fault) { try CBOR(bytes) }
    }

    @Test("Keys may come in any order, and are written in one")
    func order() throws {
        let value = try CBOR(Self.bytes("a3616201200203f5"))
        #expect(value.encoded == (try Self.bytes("a303f52002616201")))
        #expect(value[.text("b")] == .unsigned(1))
        #expect(value[.integer(-1)] == .unsigned(2))
        #expect(value[.integer(3)] == .boolean(true))
        #expect(value[.integer(4)] == nil)
        #expect(CBOR.null[.integer(4)] == nil)
    }

    @Test("Whole numbers are told if they fit")
    func integers() {
        #expect(CBOR.unsigned(7).integer == 7)
        #expect(CBOR.negative(256).integer == -257)
        #expect(CBOR.negative(UInt64(Int64.max)).integer == .min)
        #expect(CBOR.negative(UInt64(Int64.max) + 1).integer == nil)
        #expect(CBOR.unsigned(UInt64(Int64.max) + 1).integer == nil)
        #expect(CBOR.text("7").integer == nil)
        #expect(CBOR.Key.integer(.min) == .negative(UInt64(Int64.max)))
        #expect(CBOR.Key.integer(-1) == .negative(0))
    }

    @Test("Eight levels are read, nine and a hundred thousand are not")
    func depth() throws {
        for (opening, key) in [([0x81], []), ([0xA1, 0x00], [])] as [([UInt8], [UInt8])] {
            func nested(_ levels: Int) -> [UInt8] { (0..<levels).flatMap { _ in opening + key } + [0] }
            _ = try CBOR(nested(CBOR.deepest))
            #expect(throws: CBOR.Fault.tooDeep) { try CBOR(nested(CBOR.deepest + 1)) }
            #expect(throws: CBOR.Fault.tooDeep) { try CBOR(nested(100_000)) }
        }
    }

    /// A length that is believed would take all of the memory there is, or trap.
    @Test("Absurd lengths are refused before anything is made of them", arguments: [2, 3, 4, 5] as [UInt8])
    func lengths(major: UInt8) throws {
        let lengths = [
            [27] + [UInt8](repeating: 0xFF, count: 8), [27, 0x7F] + [UInt8](repeating: 0xFF, count: 7),
            [27, 0, 0, 0, 1, 0, 0, 0, 0], [26, 0xFF, 0xFF, 0xFF, 0xFF], [25, 0xFF, 0xFF],
        ]
        for length in lengths {
            let bytes = [major << 5 | length[0]] + length.dropFirst() + [UInt8](repeating: 0, count: 100)
            #expect(throws: CBOR.Fault.cut) { try CBOR(bytes) }
        }
        // Members take two bytes each.
        #expect(throws: CBOR.Fault.cut) { try CBOR([0xB8, 60] + [UInt8](repeating: 0, count: 100)) }
    }

    @Test("What is read is written and read again as the same, whatever the bytes")
    func fuzz() throws {
        var mutations = Mutations(seed: 8949)
        let seeds = try Self.examples.map { try Self.bytes($0.0) }
        var read = 0
        for round in 0..<6000 {
            let bytes = mutations.changed(seeds[round % seeds.count], times: 1 + round % 4)
            guard let value = try? CBOR(bytes) else { continue }
            read += 1
            #expect(try CBOR(value.encoded).encoded == value.encoded)
            #expect(value.encoded.count == bytes.count)
        }
        #expect(read > 500)
    }
}
