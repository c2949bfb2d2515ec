import Composition
import Foundation
import TestKit
import TestTraits
import Testing
import Values
import Web

/// 14,011 lines of a real project's work, as people typed them. The file is not part of the product: where it does not
/// lie beside the checkout, these tests say so and are passed over.
@Suite(
    "Real input", .tags(.servers), .ifChosen,
    .enabled(if: RealInput.path != nil, "shared/data/kafka-work.csv does not lie beside the checkout"))
struct RealInputTests {
    @Test("X19: every line becomes a task or a reject, a second run adds nothing, and every cent is accounted for")
    func wholeLife() throws {
        let test = try TestExchange(seed: 9)
        let manager = try test.person("Mia Manager", "manager")
        let first = try importFile(test)
        let lines = try #require(first["lines"])
        let imported = try #require(first["created"])
        let rejected = try #require(first["rejected"])
        #expect(lines == 14_011)
        #expect(imported + rejected == lines)
        #expect((150...300).contains(rejected), "\(rejected) rejected")
        let second = try importFile(test)
        #expect(second["created"] == 0)
        #expect(second["rejected"] == rejected)

        try complete(test, people: 1_000)
        for _ in 0..<2 {
            #expect(test.send("POST", "/api/reassignments", as: manager).status < 300)
        }
        try test.exchange.settle()
        for _ in 0..<3 {
            test.clock.advance(seconds: 24 * 3600)
            try test.exchange.settle()
            try complete(test, people: 100)
        }
        #expect(try test.findings() == [])
    }

    private func importFile(_ test: TestExchange) throws -> [String: Int64] {
        let path = try #require(RealInput.path)
        var request = WebRequest("POST", "/api/imports?name=work", credential: .local(test.admin))
        request.headers.contentType = "text/csv"
        request.headers.idempotencyKey = test.clock.environment.newID().description
        request.body = Array(try Data(contentsOf: URL(filePath: path)))
        let id = try test.exchange.respond(to: request).json()["id"].text ?? ""
        try test.exchange.settle()
        let status = try test.send("GET", "/api/imports/\(id)", as: test.admin).json()
        #expect(status["state"].text == "done")
        return Dictionary(
            uniqueKeysWithValues: ["lines", "created", "rejected"].map { ($0, status[$0].number ?? -1) })
    }

    /// Each of so many people completes the first open task that is dealt to them.
    private func complete(_ test: TestExchange, people count: Int) throws {
        var cursor = ""
        var people: [ID] = []
        repeat {
            let page = try test.send("GET", "/api/eligible?limit=200&cursor=\(cursor)", as: test.admin).json()
            people += page["items"].list.compactMap { $0["id"].text.flatMap { ID($0) } }
            cursor = page["next"].text ?? ""
        } while !cursor.isEmpty && people.count < count
        var completed = 0
        for person in people.prefix(count) {
            let open = try test.send("GET", "/api/tasks?status=open&assignee=\(person)&limit=1", as: person).json()
            guard let task = open["items"].list.first?["id"].text else { continue }
            #expect(test.send("POST", "/api/tasks/\(task)/completion", as: person).status == 201)
            completed += 1
        }
        #expect(completed > count / 2)
        try test.exchange.settle()
    }
}

/// The same file through the real executable, killed in the middle.
@Suite(
    "Real input, killed", .tags(.servers), .ifChosen,
    .enabled(
        if: RealInput.path != nil && PopugProcess.binary != nil, "needs make test, and the file beside the checkout"),
    .serialized)
struct RealInputKillTests {
    /// How many tasks are there when the server is killed: at the beginning, and ever further in.
    private static let places = [1, 4_000, 8_000]

    @Test(
        "X19, X40: killing the server in the middle of an import and starting over ends with the same tasks and rejects"
    )
    func killed() async throws {
        let path = try #require(RealInput.path)
        let whole = try TestInstallation(employees: 1)
        let expected = try TestInstallation.run([
            "import", path, "--data", whole.data, "--rejects", whole.data + "/rejects",
        ])
        let all = try tasks(of: whole)
        let broken = try TestInstallation(employees: 1)
        for place in Self.places {
            try await killImport(of: path, into: broken, at: place)
            let count = try tasks(of: broken).count
            #expect(count >= place && count < all.count, "\(count) of \(all.count) tasks: not in the middle")
            let unfinished = try PopugProcess.number(
                broken.data + "/tracker.sqlite", "SELECT COUNT(*) FROM import_run WHERE state <> 2")
            #expect(unfinished > 0, "the import was done before the kill")
        }
        let output = try TestInstallation.run([
            "import", path, "--data", broken.data, "--rejects", broken.data + "/rejects",
        ])
        #expect(output.split(separator: "\n").count == expected.split(separator: "\n").count)
        #expect(try tasks(of: broken) == all)
        #expect(
            try String(contentsOfFile: broken.data + "/rejects", encoding: .utf8)
                == String(contentsOfFile: whole.data + "/rejects", encoding: .utf8))
        let (clean, findings) = try broken.verify()
        #expect(clean, "\(findings)")
        let again = try TestInstallation.run([
            "import", path, "--data", broken.data, "--rejects", broken.data + "/rejects",
        ])
        #expect(again.hasPrefix("0 imported"), "\(again)")
    }

    /// Starts the server and an import, and kills the server once so many tasks are there and a file is not done.
    private func killImport(of path: String, into installation: TestInstallation, at place: Int) async throws {
        let server = try PopugProcess(data: installation.data)
        let verb = Task.detached {
            try PopugProcess.run([
                "import", path, "--data", installation.data, "--rejects", installation.data + "/rejects",
            ])
        }
        let client = APIClient(address: server.address, token: installation.admin)
        while true {
            let runs = try await client.send("GET", "/api/imports").object["items"] as? [[String: Any]] ?? []
            let created = runs.compactMap { $0["created"] as? Int }.reduce(0, +)
            let isUnderWay = runs.contains { $0["state"] as? String == "tasks" }
            if created >= place && isUnderWay { break }
            // Without this a test that comes too late would wait for ever.
            let isOver = !runs.isEmpty && runs.allSatisfy { $0["state"] as? String == "done" }
            if created >= place && isOver { break }
        }
        server.kill()
        let verdict = try await verb.value
        #expect(verdict.status != 0, "the import ended before the kill: \(verdict.output)")
    }

    /// Every task's words in an order of their own: ids and assignees differ between installations.
    private func tasks(of installation: TestInstallation) throws -> [String] {
        try PopugProcess.texts(
            installation.data + "/tracker.sqlite",
            """
            SELECT COALESCE(t.jira_id, '') || ' ' || t.title || ' ' || COALESCE(t.typed_at, '') || ' ' || p.name
            FROM task t LEFT JOIN directory_person p ON p.id = t.creator ORDER BY 1
            """)
    }
}

enum RealInput {
    /// Where the file lies: `shared/data` beside the checkout.
    static let path: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = root.deletingLastPathComponent().appending(path: "shared/data/kafka-work.csv").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()
}
