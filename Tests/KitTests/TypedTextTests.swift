import Foundation
import Testing
import Values
import Web

/// What people type, handled as scalars: a delimiter with a mark on it is a `Character` of its own, and still a delimiter
/// to whoever reads the bytes.
@Suite("Typed text")
struct TypedTextTests {
    /// What may stand on a delimiter and hide it: accents, an overlay, joiners, variation selectors, a keycap, a tag.
    static let marks = ["\u{301}", "\u{338}", "\u{200C}", "\u{200D}", "\u{FE0E}", "\u{FE0F}", "\u{20E3}", "\u{E0061}"]
    static let delimiters: [Unicode.Scalar] = [
        "\"", "'", ",", ";", ":", "@", ".", "=", "+", "-", "\t", "\n", "\r", "%", "_", "!", "&", "?", "/", "\\", " ",
        "[",
        "]", "<", ">", "(", ")",
    ]

    @Test("A delimiter is found before and after every mark")
    func delimited() {
        for delimiter in Self.delimiters {
            for mark in Self.marks {
                let cut = "\(delimiter)"
                #expect(("a" + cut + mark + "b").parts(at: delimiter) == ["a", mark + "b"])
                #expect(("a" + mark + cut + "b").parts(at: delimiter) == ["a" + mark, "b"])
                #expect((cut + mark).has(delimiter))
                #expect((cut + mark).replacing(delimiter, by: "xy") == "xy" + mark)
                #expect(("a" + cut + mark).before(delimiter) == "a")
                #expect((cut + mark + "z").begins(with: cut))
            }
        }
        #expect("a\u{301} \u{301}b".words() == ["a\u{301}", "\u{301}b"])
        #expect("a,b,c".parts(at: ",", most: 2) == ["a", "b,c"])
        #expect("".parts(at: ",") == [""])
        #expect("5%_!".likePattern == "%5!%!_!!%")
        #expect("%\u{301}_\u{200D}".likePattern == "%!%\u{301}!_\u{200D}%")
    }

    /// A reader of CSV that goes by bytes, as spreadsheets do.
    private static func cells(_ line: String) -> [String] {
        var cells: [[UInt8]] = [[]]
        var isQuoted = false
        var bytes = Array(line.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                if isQuoted, bytes.first == byte {
                    cells[cells.count - 1].append(byte)
                    bytes.removeFirst()
                } else {
                    isQuoted.toggle()
                }
            case UInt8(ascii: ",") where !isQuoted: cells.append([])
            default: cells[cells.count - 1].append(byte)
            }
        }
        return cells.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("X29: whatever stands in a cell stays in it, and no cell is a formula")
    func csv() {
        let texts = Self.delimiters.flatMap { delimiter in
            Self.marks.flatMap { mark in
                [
                    "a\(delimiter)\(mark),=1+1,\"b", "\(delimiter)\(mark)1+1", "\(mark)\(delimiter)x",
                    "\"\(mark)\(delimiter)",
                ]
            }
        }
        for text in texts + ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\n=1", "=\u{301}1", ""] {
            let cells = Self.cells(["1", CSV.words(text), "2"].joined(separator: ","))
            #expect(cells.count == 3, "\(text.unicodeScalars.map { $0.value })")
            let first = cells[1].unicodeScalars.first { $0 != " " && $0 != "\n" }
            #expect(first.map { !"=+-@\t\r".unicodeScalars.contains($0) } ?? true)
            #expect(cells[1] == text || cells[1] == "'" + text)
        }
    }

    @Test("X11: a name or a title needs a scalar that shows")
    func visible() {
        for blank in [
            "", " ", "\u{115F}", "\u{1160}", "\u{3164}", "\u{FFA0}", "\u{2800}", "\u{AD}", "\u{301}", "\u{338}\u{20E3}",
            "\u{200D}", "\u{FE0F}", "\u{3000}", "\u{E0020}", "\u{200B}\u{2060}",
        ] {
            #expect(!blank.unicodeScalars.contains(where: TypedText.isVisible), "\(blank.unicodeScalars.map(\.value))")
            #expect(throws: PersonName.Fault.self) { try PersonName.checked(blank) }
        }
        for shown in ["a", "1", "é", "猫", "🦜", "ا", "-", "\u{E000}"] {
            #expect(shown.unicodeScalars.contains(where: TypedText.isVisible))
        }
    }

    @Test(
        "X19: a name is composed and trimmed; what hides or turns text is none",
        arguments: [
            "\u{200E}Dana Levi", "Dana\u{202E}", "Da\u{0}na", "a\nb", "\u{FEFF}x", "\u{2066}x", "a\u{200B}b",
            "x\u{FFFE}",
            String(repeating: "x", count: 101),
        ])
    func names(refused: String) throws {
        #expect(throws: PersonName.Fault.self) { try PersonName.checked(refused) }
        #expect(try PersonName.checked("  e\u{301}\u{A0}") == "\u{E9}")
        #expect(try PersonName.checked("می\u{200C}خواهم") == "می\u{200C}خواهم")
    }

    @Test(
        "X17: words are folded: case, accents and normal forms are one",
        arguments: [
            ("Займётся", "ЗАИ\u{306}МЕ\u{308}ТСЯ"), ("займётся", "займется"), ("Émile", "EMILE"), ("Straße", "straße"),
            ("ΟΔΟΣ", "οδος"), ("İstanbul", "istanbul"), ("ﬁne", "FINE"), ("Ｗｉｄｅ", "wide"), ("co\u{AD}op", "coop"),
        ])
    func folded(one: String, other: String) {
        #expect(FoldedText.words(one) == FoldedText.words(other))
        for text in [one, other] {
            #expect(FoldedText.words(text) == FoldedText.words(text.decomposedStringWithCanonicalMapping))
            #expect(FoldedText.words(text) == FoldedText.words(text.precomposedStringWithCanonicalMapping))
        }
    }

    @Test("X17: what belongs to a letter stays, what is none cuts")
    func cut() {
        #expect(FoldedText.words("a_b-c'd\"\u{301}e %f") == ["a", "b", "c", "d", "e", "f"])
        #expect(FoldedText.words("कि") != FoldedText.words("क"))
        #expect(FoldedText.words("が") != FoldedText.words("か"))
        #expect(FoldedText.words("мой") != FoldedText.words("мои"))
        #expect(FoldedText.words("\u{301}\u{338}").isEmpty)
        #expect(FoldedText.words(String(repeating: "x", count: 200)) == [String(repeating: "x", count: 64)])
    }
}
