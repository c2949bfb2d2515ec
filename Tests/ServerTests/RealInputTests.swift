import Composition
import Foundation
import TestKit
import Testing
import Values
import Web

/// 14,011 lines of a real project's work, as people typed them. The file is not part of the product: where it does not
/// lie beside the checkout, these tests say so and are passed over.
@Suite("Real input", .enabled(if: RealInput.path != nil, "shared/data/kafka-work.csv does not lie beside the checkout"))
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
    "Real input, killed",
    .enabled(
        if: RealInput.path != nil && PopugProcess.binary != nil, "needs make test, and the file beside the checkout"),
    .serialized)
struct RealInputKillTests {
    @Test(
        "X19, X40: killing the server in the middle of an import and starting over ends with the same tasks and rejects"
    )
    func killed() async throws {
        let path = try #require(RealInput.path)
        let whole = try TestInstallation(employees: 1)
        let expected = try TestInstallation.run([
            "import", path, "--data", whole.data, "--rejects", whole.data + "/rejects",
        ])
        let broken = try TestInstallation(employees: 1)
        for _ in 0..<3 {
            let server = try PopugProcess(data: broken.data)
            let verb = Task.detached {
                try PopugProcess.run(["import", path, "--data", broken.data, "--rejects", broken.data + "/rejects"])
            }
            let client = APIClient(address: server.address, token: broken.admin)
            // Some of it is in, and not all: then it dies.
            while try await client.send("GET", "/api/tasks?limit=1").object["items"] as? [Any] == nil {}
            server.kill()
            _ = try await verb.value
        }
        let output = try TestInstallation.run([
            "import", path, "--data", broken.data, "--rejects", broken.data + "/rejects",
        ])
        #expect(output.split(separator: "\n").count == expected.split(separator: "\n").count)
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
