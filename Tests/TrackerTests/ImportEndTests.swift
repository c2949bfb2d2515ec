import Directory
import Foundation
import Hosting
import Storage
import TestKit
import TestTraits
import Testing
import Tracker
import Values
import Web

/// Imports that cannot be worked off, or shall not be: none holds up those behind it (X19).
@Suite("Imports that end early", .onEachDatabase)
struct ImportEndTests {
    private static let header = "created_at,created_by,title\n"

    private func desk(_ register: TrackerFixture.Register? = nil) throws -> (TrackerFixture, ID) {
        let desk = try TrackerFixture(database: TestDatabase.fresh("tracker"), register: register)
        try desk.person("p0")
        return (desk, try desk.person("Ada", [Role.admin]))
    }

    private func begin(_ lines: String, _ desk: TrackerFixture, _ admin: ID) throws -> String {
        let answer = desk.importFile(Self.header + lines, as: admin)
        #expect(answer.status == 201)
        return try #require(try TrackerFixture.object(answer)["id"] as? String)
    }

    private func state(_ id: String, _ desk: TrackerFixture, _ admin: ID) throws -> String {
        try #require(try desk.get("/api/imports/\(id)", as: admin)["state"] as? String)
    }

    @Test("X19: a line whose name Identity leaves out is a reject; the other lines become tasks")
    func leftOut() throws {
        let (desk, admin) = try desk { names, _ in
            Dictionary(
                uniqueKeysWithValues: names.filter { $0 != "Nobody" }.map { ($0, TrackerFixture.person(named: $0)) })
        }
        let id = try begin("2026-01-01T00:00:00Z,Nobody,a\n2026-01-01T00:00:00Z,New,b\n", desk, admin)
        try desk.work()
        #expect(try state(id, desk, admin) == "done")
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 1)
        let rejects = desk.ask("GET", "/api/imports/\(id)/rejects", as: admin).text
        #expect(rejects.contains("\n2,") && rejects.contains("several people"))
        #expect(try desk.findings() == [])
    }

    @Test("X19: a file that cannot be worked off is set aside with the reason; the next one is imported")
    func failed() throws {
        let (desk, admin) = try desk { names, _ in
            guard !names.contains("Poison") else { throw StorageError.failed("no such person can be") }
            return Dictionary(uniqueKeysWithValues: names.map { ($0, TrackerFixture.person(named: $0)) })
        }
        let bad = try begin("2026-01-01T00:00:00Z,Poison,a\n", desk, admin)
        let good = try begin("2026-01-01T00:00:00Z,New,b\n", desk, admin)
        // No step throws, so no job is late and /readyz is not troubled.
        try desk.work()
        #expect(try state(bad, desk, admin) == "failed")
        #expect(try desk.get("/api/imports/\(bad)", as: admin)["trouble"] as? String == "no such person can be")
        #expect(try state(good, desk, admin) == "done")
        #expect(try desk.count("SELECT COUNT(*) FROM import_chunk") == 0)
        let page = desk.ask("GET", "/import", as: admin)
        #expect(page.status == 200 && page.text.contains("no such person can be"))
    }

    @Test("X19: where Identity is away an import waits, and an admin may stop it; then the next one has its turn")
    func stopped() throws {
        let (desk, admin) = try desk { names, _ in
            guard !names.contains("Far") else { throw StorageError.unavailable("Identity is away") }
            return Dictionary(uniqueKeysWithValues: names.map { ($0, TrackerFixture.person(named: $0)) })
        }
        let waiting = try begin("2026-01-01T00:00:00Z,Far,a\n", desk, admin)
        let next = try begin("2026-01-01T00:00:00Z,New,b\n", desk, admin)
        #expect(throws: StorageError.self) { try desk.work() }
        #expect(try state(waiting, desk, admin) == "people")
        let emma = try desk.person("Emma")
        #expect(desk.ask("PUT", "/api/imports/\(waiting)/stop", as: emma).status == 403)
        #expect(desk.ask("PUT", "/api/imports/\(waiting)/stop", as: admin).status == 200)
        try desk.work()
        #expect(try state(waiting, desk, admin) == "stopped")
        #expect(try state(next, desk, admin) == "done")
        // What has ended is not ended again, nor by another word.
        #expect(desk.ask("PUT", "/api/imports/\(waiting)/stop", as: admin).status == 409)
        #expect(desk.ask("PUT", "/api/imports/\(next)/stop", as: admin).status == 409)
        #expect(desk.ask("PUT", "/api/imports/\(ID(milliseconds: 1, random: (1, 2)))/stop", as: admin).status == 404)
    }

    @Test("X19: before an import is stopped its page tells what stays; after it, what was stopped")
    func asked() throws {
        let (desk, admin) = try desk()
        let id = try begin("2026-01-01T00:00:00Z,Far,a\n", desk, admin)
        let page = desk.ask("GET", "/import/\(id)/stop/confirm", as: admin)
        #expect(page.status == 200 && page.text.contains("Stop the import of work.csv?"))
        let stopped = try desk.submit("/import/\(id)/stop", as: admin)
        #expect(stopped.text.contains("You stopped the import of <bdi>work.csv</bdi>."))
        #expect(desk.ask("GET", "/import/\(id)/stop/confirm", as: admin).status == 409)
        let unknown = ID(milliseconds: 1, random: (1, 2))
        #expect(desk.ask("GET", "/import/\(unknown)/stop/confirm", as: admin).status == 404)
    }

    @Test(
        "X19: stopped after any step, an import keeps what it made, and the same file again makes the rest once",
        arguments: [1, 2, 3])
    func resumed(steps: Int) throws {
        let (desk, admin) = try desk()
        let lines = (0..<3_200).map { "2026-01-01T00:00:00Z,who \($0 % 7),t\($0)\n" }.joined()
        let id = try begin(lines, desk, admin)
        try desk.work(atMost: steps)
        let made = try desk.count("SELECT COUNT(*) FROM task")
        #expect(desk.ask("PUT", "/api/imports/\(id)/stop", as: admin).status == 200)
        try desk.work()
        #expect(try desk.count("SELECT COUNT(*) FROM task") == made)
        #expect(try desk.count("SELECT COUNT(*) FROM import_chunk") == 0)
        _ = try begin(lines, desk, admin)
        try desk.work()
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 3_200)
        #expect(try desk.findings() == [])
    }

    @Test("X19: NUL anywhere in a line is a reject, shown as U+FFFD")
    func nul() throws {
        let (desk, admin) = try desk()
        let filler = (1...120).map { "2026-11-02T10:00:00Z,p0,filler row \($0)\n" }.joined()
        let late = ["nul\0late", "a,b\0,c", "\0", "[\0"].map { "2026-11-02T10:00:00Z,p0,\($0)\n" }.joined()
        let id = try begin(filler + late + "2026-11-02T10:00:00Z,who\0,x\n\0\n", desk, admin)
        try desk.work()
        #expect(try state(id, desk, admin) == "done")
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 120)
        #expect(try desk.count("SELECT rejected FROM import_run") == 6)
        let file = desk.ask("GET", "/api/imports/\(id)/rejects", as: admin).text
        #expect(file.contains("nul\u{FFFD}late") && !file.unicodeScalars.contains("\0"))
    }

    @Test("X19: blank lines above the header, empty columns and cells at the end are what a spreadsheet writes")
    func spreadsheet() throws {
        let (desk, admin) = try desk()
        let file =
            "\u{FEFF}\r\n \r\ncreated_at,created_by,title,,\r\n2026-01-01T00:00:00Z,p0,one,,\r\n"
            + "2026-01-01T00:00:00Z,p0,two\r\n2026-01-01T00:00:00Z,p0,three,,,,\r\n,,,,\r\n2026-01-01T00:00:00Z,p0,x,,y\r\n"
        let answer = desk.importFile(file, as: admin)
        #expect(answer.status == 201)
        try desk.work()
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 3)
        let id = try #require(try TrackerFixture.object(answer)["id"] as? String)
        let rejects = desk.ask("GET", "/api/imports/\(id)/rejects", as: admin).text.split(separator: "\r\n")
        #expect(rejects.map { $0.prefix { $0 != "," } } == ["line", "8"])
    }

    @Test(
        "X19: what is no header is told what it is, and what to do",
        arguments: [
            ("created_at;created_by;title\n", "import.semicolons"), ("created_at\tcreated_by\ttitle\n", "import.tabs"),
            ("sep=;\ncreated_at;created_by;title\n", "import.separator"),
            ("created_at,created_by,title\r2026-01-01T00:00:00Z,p0,x\r", "import.returns"),
            ("  [{\"title\":\"x\"}]", "import.array"), ("created_at,created_by,titel\n", "import.column"),
            ("titel,created_by\n", "import.column"), ("titel,person\n", "import.header"),
            ("created_at,created_by,title\u{301}\n", "import.column"),
            ("created_at,created_by\n", "import.column-missing"),
            ("\"title\",title,created_at,created_by\n", "import.column-twice"), (" \r\n\n", "import.empty"),
        ])
    func header(text: String, key: String) throws {
        let (desk, admin) = try desk()
        let answer = desk.importFile(text, as: admin)
        #expect(answer.status == 422)
        #expect(answer.text.contains(key), "\(answer.text)")
    }
}
