import Foundation
import PostgreSQLDriver
import Storage
import TestKit
import Testing

extension ClusterTests {
    @Test(
        "X43: with PostgreSQL's primary stopped people read on from a standby, changes are told to come again, and a copy of the server becomes an installation of its own"
    )
    func primaryAway() async throws {
        let cluster = try Cluster.shared()
        // What the copy has told there is no word of this installation's; its journals fill the broker again.
        defer { try? cluster.emptyBroker() }
        defer { cluster.abandon() }
        let primary = try cluster.serverFolder()
        let (standby, copy) = (primary + "-standby", primary + "-copy")
        defer {
            for folder in [standby, copy] {
                _ = try? Script.run("postgres.sh", ["stop", folder])
                try? FileManager.default.removeItem(atPath: folder)
            }
        }
        let replica = try await cluster.aside { try Script.run("postgres.sh", ["standby", standby, primary]) }
        try cluster.start(["POPUG_READ_FROM": "\(replica) dbname=\(cluster.prefix){service}"])
        let work = Work(cluster, name: "primary")
        try await work.during {
            try await cluster.wait("people work") { work.acknowledged > 100 }
            try await withoutPrimary(primary, work, cluster)
            _ = try await cluster.aside { try Script.run("postgres.sh", ["copy", copy, primary]) }
            let seen = work.acknowledged
            try await cluster.wait("work goes on after the copy") { work.acknowledged > seen + 20 }
            try await verbs(cluster)
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
        let server = try await cluster.aside { try Script.run("postgres.sh", ["start", copy]) }
        try await restored(server, cluster)
    }

    private func withoutPrimary(_ primary: String, _ work: Work, _ cluster: Cluster) async throws {
        defer { _ = try? Script.run("postgres.sh", ["start", primary]) }
        let token = cluster.installation.employees[0]
        let browser = ["Cookie": "popug_session=\(token)"]
        let tracker = try #require(cluster.client("tracker", token: token))
        let accounting = try #require(cluster.client("accounting", token: cluster.installation.accountant))
        let page = APIClient(address: tracker.address)
        _ = try await cluster.aside { try Script.run("postgres.sh", ["stop", primary]) }
        for _ in 0..<3 {
            #expect(try await tracker.send("GET", "/api/tasks").status == 200)
            #expect(try await accounting.send("GET", "/api/accounts").status == 200)
            let tasks = try await page.send("GET", "/tasks", headers: browser)
            #expect(tasks.status == 200 && tasks.text.contains("primary-"), "\(tasks.status)")
            let account = try await APIClient(address: accounting.address).send("GET", "/account", headers: browser)
            #expect(account.status == 200, "\(account.status)")
        }
        let refused = try await tracker.send("POST", "/api/tasks", json: "{\"title\":\"Too early\"}", key: "early")
        #expect(refused.status == 503)
        #expect(refused.headers["content-type"]?.hasPrefix("application/problem+json") == true)
        #expect(refused.headers["retry-after"] != nil)
        #expect(refused.object["title"] as? String == "This part is unavailable right now", "\(refused.text)")
        let seen = work.acknowledged
        let again = try await cluster.aside { try Script.run("postgres.sh", ["start", primary]) }
        #expect(again == cluster.server)
        try await cluster.wait("work goes on with the primary") { work.acknowledged > seen + 50 }
    }

    /// The command line straight at the databases, while processes work.
    private func verbs(_ cluster: Cluster) async throws {
        let file = cluster.folder.path + "/work.csv"
        try "created_at,created_by,title\n2026-01-05T10:00:00Z,newcomer-\(UUID().uuidString),Brought along\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        let data = cluster.installation.data
        let (imported, rebuilt, verified) = try await cluster.aside {
            (
                try TestInstallation.run(["import", file, "--data", data]),
                try TestInstallation.run(["rebuild", "analytics", "--data", data]),
                try TestInstallation.run(["verify", "--data", data])
            )
        }
        #expect(imported.contains("1 imported"))
        #expect(rebuilt.contains("The same to the byte"))
        #expect(verified.contains("Everything holds"))
    }

    /// A server with what the first one held at some moment, and a broker that has gone on since.
    private func restored(_ server: String, _ cluster: Cluster) async throws {
        let data = cluster.installation.data
        func address(_ service: String) -> String { "\(server) dbname=\(cluster.prefix)\(service)" }
        let variables = ["POPUG_DATABASE": address("{service}"), "POPUG_LOG_LEVEL": "warning"]
        func verb(_ words: String...) async throws -> String {
            let done = try await cluster.aside {
                try PopugProcess.run(words + ["--data", data], environment: variables)
            }
            #expect(done.status == 0, "\(words): \(done.output)\(done.errors)")
            return done.output
        }
        // Behind what the broker holds: nothing starts before somebody has said what happened.
        let kept = try Cluster.number(address("tracker"), "SELECT COUNT(*) FROM task")
        #expect(try kept < cluster.number("tracker", "SELECT COUNT(*) FROM task"))
        let early = try await cluster.aside {
            try PopugProcess.run(["migrate", "--data", data], environment: variables)
        }
        #expect(early.status != 0 && early.errors.contains("restored from an older backup"), "\(early)")
        #expect(try await verb("migrate", "--restored").contains("held until an accountant releases them"))
        #expect(try await verb("verify").contains("Everything holds"))
        let token = try await verb("person", "token", "ada@example.com", "--name", "again", "--scopes", "tasks,people")
        let process = try await cluster.aside { try PopugProcess(data: data, environment: variables) }
        defer { process.stop() }
        let client = APIClient(address: process.address, token: token.trimmingCharacters(in: .newlines))
        // The Tracker hears of the key that signs since the restore as of everything else: by an event.
        try await cluster.wait("the copy knows who asks") {
            try await client.send("POST", "/api/tasks", json: "{\"title\":\"Anew\"}", key: "anew").status == 201
        }
        try await cluster.wait("the copy books what it was told") {
            let booked = "SELECT SUM(number) FROM checkpoint WHERE topic = 'tracker'" as SQL
            return try Cluster.number(address("accounting"), booked)
                == Cluster.number(address("tracker"), "SELECT COUNT(*) FROM journal")
        }
        #expect(process.stop() == 0)
        #expect(try await verb("verify").contains("Everything holds"))
    }
}
