import TestKit
import Testing
import Values

@Suite("E-mail addresses")
struct MailAddressTests {
    @Test(
        "A domain is the same in letters and as mail sends it, in capitals and in any normal form",
        arguments: [
            ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
            ("BÜCHER.Example", "xn--bcher-kva.example", "bücher.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example", "bücher.example"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example"),
            ("XN--Bcher-KVA.example", "xn--bcher-kva.example", "bücher.example"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f", "пример.испытание"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah", "例え.テスト"),
            ("نامه\u{200C}ای.com", "xn--mgba3gch31f060k.com", "نامه\u{200C}ای.com"),
            ("straße.example", "xn--strae-oqa.example", "straße.example"),
            ("Mail.Example.COM", "mail.example.com", nil),
            ("localhost", "localhost", nil), ("a-1.b--c.example", "a-1.b--c.example", nil),
        ] as [(String, String, String?)])
    func domains(typed: String, kept: String, shown: String?) throws {
        let address = try MailAddress("  Emma.O'Neil+x_1@\(typed)\n")
        #expect(address.text == "Emma.O'Neil+x_1@\(kept)")
        #expect(address.text.utf8.allSatisfy { $0 < 0x80 })
        #expect(Array(address.shown.utf8) == Array("Emma.O'Neil+x_1@\(shown ?? kept)".utf8))
        #expect(MailAddress.shown(address.text) == address.shown)
        for same in [address.text, address.shown, "EMMA.O'NEIL+X_1@\(typed)"] {
            #expect(MailAddress.key(same) == "emma.o'neil+x_1@\(kept)")
        }
    }

    @Test(
        "What mail refuses is no address",
        arguments: [
            "", "@", "a", "@b", "a@", "a@b@c", "a b@c", "a@b c", "-a@b", ".a@b", "a.@b", "a..b@c", "a@-b", "a@b-",
            "a@b..c", "a@.b", "a@b.", "a@b_c", "a@b\r\nRCPT TO:<x@y>", "<a@b>", "a@b>", "\"a b\"@c", "a,b@c", "a:b@c",
            "a;b@c", "a\\b@c", "(a)@b", "a@[127.0.0.1]", "a@127.0.0.1", "a@b:25", "a@b/c", "a@b／c", "a@b%41", "a@b％41",
            "a@℀", "a@xn--a.example", "a@xn--zzzzzz-.example", "a@b\u{200D}c.example", "a@b\u{202E}c", "a\u{202E}b@c",
            "a\u{0}b@c", "a@b\u{0}", "a@\u{301}b", "a@٣.example", String(repeating: "a", count: 65) + "@b",
            "a@" + String(repeating: "b", count: 64), "a@" + String(repeating: "ü", count: 60) + ".example",
            "a@" + Array(repeating: String(repeating: "b", count: 50), count: 5).joined(separator: "."),
        ])
    func refused(text: String) {
        #expect(throws: MailAddress.Fault.malformed) { try MailAddress(text) }
        // What is no address is compared and shown all the same.
        _ = MailAddress.key(text)
        #expect(MailAddress.shown(text) == text)
    }

    @Test(
        "Letters beyond ASCII before the @ are told apart from what is no address",
        arguments: [
            "jürgen@a.example", "ju\u{308}rgen@a.example", "почта@bücher.example", "क\u{94D}\u{200D}ष@a.example",
        ])
    func local(text: String) {
        #expect(throws: MailAddress.Fault.localBeyondASCII) { try MailAddress(text) }
        #expect(MailAddress.key(text.uppercased()) == MailAddress.key(text))
    }

    static let hiding: [String] = ["\u{301}", "\u{338}", "\u{200C}", "\u{200D}", "\u{FE0F}"]

    @Test("A mark before or after a delimiter lets nothing in", arguments: hiding)
    func delimiters(mark: String) {
        for delimiter in "\"<>()[]\\,;:@% \t\r\n'=.-_".unicodeScalars.map(String.init) {
            for piece in [delimiter + mark, mark + delimiter, mark + delimiter + mark] {
                #expect(throws: MailAddress.Fault.self) { try MailAddress("a\(piece)b@c.example") }
                #expect(throws: MailAddress.Fault.self) { try MailAddress("a@\(piece)") }
                // A label may hold a mark; a delimiter never stands in what is kept.
                if let taken = try? MailAddress("a@b\(piece)c.example") {
                    #expect([".", "-"].contains(delimiter), "\(piece.debugDescription) \(taken.text)")
                }
            }
        }
    }

    @Test("Whatever is taken is plain ASCII with one @, reads back as itself, and has one key")
    func fuzz() throws {
        var generator = SplitMix64(seed: 23)
        let alphabet =
            [
                "a", "B", "1", ".", "-", "@", "ü", "u\u{308}", "ß", "я", "例", "。", "．", "💩", "xn--", "xn--bcher-kva",
                "%", "_",
                "/", "\u{AD}", "ﬁ", "İ", "ς", "Ａ",
            ] + MailAddressTests.hiding
        var taken = 0
        func some(_ range: ClosedRange<UInt64>, of pieces: [String]) -> String {
            let count = range.lowerBound + generator.next() % UInt64(range.count)
            return (0..<count).map { _ in pieces[Int(generator.next() % UInt64(pieces.count))] }.joined()
        }
        for _ in 0..<20_000 {
            let text = "a\(some(0...3, of: Array(alphabet.prefix(4))))@\(some(1...8, of: alphabet))"
            guard let address = try? MailAddress(text) else { continue }
            taken += 1
            #expect(address.text.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "\(text.debugDescription)")
            #expect(address.text.utf8.filter { $0 == 0x40 }.count == 1)
            #expect(try MailAddress(address.text) == address, "\(text.debugDescription)")
            #expect(try MailAddress(address.shown) == address, "\(text.debugDescription)")
            let keys = Set([text, address.text, address.shown].map { Array(MailAddress.key($0).utf8) })
            #expect(keys.count == 1, "\(text.debugDescription)")
        }
        #expect(taken > 2000)
    }
}
