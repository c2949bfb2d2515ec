import Composition
import Foundation
import TestKit
import TestTraits
import Testing
import Values
import Web

/// Files of work made of what nobody would write, against the whole exchange (X19).
@Suite("Hostile imports", .onEachDatabase)
struct HostileImportTests {
    private static let header = "created_at,created_by,title,jira_id,description\n"

    private func importFile(_ bytes: [UInt8], _ test: TestExchange) throws -> (state: String?, counts: [String: Int64])
    {
        var request = WebRequest("POST", "/api/imports?name=work", credential: .local(test.admin))
        request.headers.contentType = "text/csv"
        request.headers.idempotencyKey = test.clock.environment.newID().description
        request.body = bytes
        let id = try #require(try test.exchange.respond(to: request).json()["id"].text)
        try test.exchange.settle()
        let answer = try test.send("GET", "/api/imports/\(id)", as: test.admin).json()
        let names = ["lines", "created", "repeated", "rejected"]
        return (answer["state"].text, Dictionary(uniqueKeysWithValues: names.map { ($0, answer[$0].number ?? -1) }))
    }

    private func good(_ test: TestExchange) throws {
        let line = "2026-11-02T10:00:00Z,Grace Good,A good line,,\n"
        let done = try importFile(Array((Self.header + line).utf8), test)
        #expect(done.state == "done")
        #expect(done.counts["created"] == 1)
        #expect(test.exchange.unready().isEmpty)
        #expect(try test.findings() == [])
    }

    @Test("X19: 100,000 lines of hostile bytes and names are tasks or rejects, and a good file goes through after them")
    func hostile() throws {
        let test = try TestExchange(seed: 5)
        try test.person("Emma Employee", "employee")
        // PostgreSQL says no to other bytes, not to more of them.
        let count = TestDatabase.isOnPostgreSQL ? 10_000 : 100_000
        var dice = Splitmix(state: 11)
        let names = (0..<400).map { _ in Self.nasty(&dice, most: 6) } + ["Emma Employee", "Ada Admin", "x"]
        var file = Array(Self.header.utf8)
        for _ in 0..<count { file += Self.line(&dice, names) + [0x0A] }
        let done = try importFile(file, test)
        #expect(done.state == "done")
        #expect(
            done.counts["lines"] == (done.counts["created"] ?? 0) + (done.counts["repeated"] ?? 0)
                + (done.counts["rejected"] ?? 0))
        #expect((done.counts["created"] ?? 0) > count / 100 && (done.counts["rejected"] ?? 0) > count / 4)
        try good(test)
    }

    @Test(
        "X19: names that Identity refuses reject their lines",
        arguments: [
            "\u{200E}Dana Levi", "a\u{200B}b", "\u{3164}", "\u{301}", "x\u{2060}", String(repeating: "n", count: 101),
        ])
    func refused(name: String) throws {
        let test = try TestExchange()
        try test.person("Emma Employee", "employee")
        let done = try importFile(Array((Self.header + "2026-11-02T10:00:00Z,\(name),x,,\n").utf8), test)
        #expect(done.state == "done")
        #expect(done.counts["rejected"] == 1)
        try good(test)
    }

    @Test(
        "X19: the one active person of a name is taken, whatever the case; of several nobody is, and nobody is doubled")
    func doubles() throws {
        let test = try TestExchange()
        for (name, email) in [("Emma Ekström", "emma"), ("Sam Twice", "one"), ("Sam Twice", "two")] {
            let json = "{\"name\":\"\(name)\",\"email\":\"\(email)@example.com\",\"roles\":[\"employee\"]}"
            #expect(test.send("POST", "/api/people", json: json, as: test.admin).status == 201)
        }
        try test.exchange.settle()
        let all = try test.send("GET", "/api/people?limit=200", as: test.admin).json()["items"].list
        let emma = try #require(all.first { $0["name"].text == "Emma Ekström" }?["id"].text)
        let people = all.count
        let lines = [
            "Emma Ekström", "EMMA EKSTRÖM", "Emma Ekstro\u{308}m", "Sam Twice", "one@example.com", "New One", "new one",
        ]
        let file = lines.map { "2026-11-03T10:00:00Z,\($0),by \($0.count) \($0.utf8.count),,\n" }.joined()
        let done = try importFile(Array((Self.header + file).utf8), test)
        #expect(done.counts["created"] == 6)
        #expect(done.counts["rejected"] == 1)
        #expect(try count(test) == people + 1)
        let tasks = try test.send("GET", "/api/tasks?limit=100", as: test.admin).json()["items"].list
        #expect(tasks.filter { $0["creator"].text == emma }.count == 3)
        #expect(try test.findings() == [])
    }

    private func count(_ test: TestExchange) throws -> Int {
        try test.send("GET", "/api/people?limit=200", as: test.admin).json()["items"].list.count
    }

    // MARK: What nobody would write

    private static let alphabet = [
        "a", "Z", "7", " ", ",", "\"", "'", "[", "]", "\t", "\r", "\0", "\u{1B}", "\u{7F}", "\u{85}", "\u{A0}",
        "\u{AD}",
        "\u{301}", "\u{338}", "\u{61C}", "\u{115F}", "\u{200B}", "\u{200D}", "\u{200E}", "\u{2028}", "\u{202E}",
        "\u{2066}",
        "\u{2800}", "\u{3164}", "\u{FE0F}", "\u{FEFF}", "\u{FFFD}", "\u{FFFE}", "\u{1F99C}", "\u{E0061}", "\u{10FFFF}",
        "%",
        "_", "=", "@", "é", "ё", "ß", "İ", "ﬁ", "POP-1:", "x@y.example",
    ]

    private static func nasty(_ dice: inout Splitmix, most: Int) -> String {
        (0...dice.below(most)).map { _ in alphabet[dice.below(alphabet.count)] }.joined()
    }

    private static func line(_ dice: inout Splitmix, _ names: [String]) -> [UInt8] {
        switch dice.below(8) {
        case 0: return (0..<dice.below(60)).map { _ in UInt8(dice.below(256)) }.filter { $0 != 0x0A && $0 != 0x22 }
        case 1: return Array("2026-11-02T10:00:00Z,\(nasty(&dice, most: 4))".utf8)
        default: break
        }
        let time = dice.below(6) == 0 ? nasty(&dice, most: 3) : "2026-11-02T10:00:00Z"
        let name = names[dice.below(names.count)]
        let title = dice.below(2) == 0 ? nasty(&dice, most: 8) : "Work \(dice.below(500))"
        let jira = dice.below(6) == 0 ? nasty(&dice, most: 2) : ""
        let description = dice.below(6) == 0 ? nasty(&dice, most: 20) : ""
        let cells = [time, name, title, jira, description].map { cell in
            dice.below(12) == 0
                ? cell : "\"" + cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
        }
        var bytes = Array(cells.joined(separator: ",").utf8)
        if dice.below(10) == 0, !bytes.isEmpty { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) | 0x80 }
        return bytes
    }
}

/// The same dice at every run.
private struct Splitmix {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(count))
    }
}
