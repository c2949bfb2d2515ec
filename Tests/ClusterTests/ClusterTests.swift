import Composition
import Foundation
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing

/// The real program, its services spread over processes on PostgreSQL.
@Suite(
    "Many processes", .tags(.cluster), .ifChosen,
    .enabled(if: PopugProcess.binary != nil && PostgreSQLFixture.isThere, "start it with make test"), .serialized)
struct ClusterTests {
    /// Every invariant over all databases, and each acknowledged request there once.
    func compare(_ work: Work, _ cluster: Cluster) throws {
        let (clean, output) = try cluster.installation.verify()
        #expect(clean, "\(output)")
        let state = work.state.withLock { $0 }
        #expect(state.refused.isEmpty, "\(state.refused.prefix(5))")
        #expect(state.created.count > 50)
        #expect(Set(state.created.values).count == state.created.count)
    }

    @Test("X40, X43: a process of each service killed in turn under load, and nothing is lost or happens twice")
    func kills() async throws {
        let cluster = try Cluster.shared()
        defer { cluster.abandon() }
        try cluster.start()
        let before = try cluster.number("tracker", "SELECT COUNT(*) FROM task")
        let work = Work(cluster, name: "kill")
        try await work.during {
            for services in ["tracker", "accounting", "payouts", "analytics", "mailer", "identity"] {
                let place = try #require(cluster.kill(services))
                let seen = work.acknowledged
                try await cluster.wait("work goes on without \(services)") { work.acknowledged > seen + 20 }
                if services == "accounting" {
                    let booked = try cluster.passed("accounting")
                    try await cluster.wait("the other process books in all groups") {
                        try cluster.readers("accounting") == 1 && cluster.passed("accounting") > booked + 50
                    }
                }
                try cluster.restart(place)
            }
        }
        try await cluster.quiet()
        try await operations(cluster)
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
        let created = try cluster.number("tracker", "SELECT COUNT(*) FROM task") - before
        #expect(created == work.state.withLock { $0.created.count })
    }

    /// X42, X53: what each service answers about itself is put together, wherever it runs; one that is away is shown so.
    private func operations(_ cluster: Cluster) async throws {
        let client = try #require(cluster.client("identity", token: cluster.installation.admin))
        func available() async throws -> [String: Bool] {
            let answer = try await client.send("GET", "/api/services")
            let states = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]] ?? []
            return Dictionary(
                uniqueKeysWithValues: states.map { ($0["service"] as? String ?? "", $0["available"] as? Bool ?? false) }
            )
        }
        let list = try await client.send("GET", "/api/events?service=tracker&name=task-created&limit=1")
        let newest = try #require((list.object["items"] as? [[String: Any]])?.first, "\(list.status) \(list.text)")
        let position = try #require(newest["position"] as? Int)
        let event = try await client.send("GET", "/api/events/tracker/\(position)")
        let way = event.object["way"] as? [[String: Any]] ?? []
        #expect(
            way.contains { $0["service"] as? String == "accounting" && $0["state"] as? String == "applied" }, "\(way)")
        #expect(try await client.send("GET", "/api/parked").status == 200)
        let place = try #require(cluster.stop("payouts"))
        #expect(try await available() == Dictionary(uniqueKeysWithValues: Services.names.map { ($0, $0 != "payouts") }))
        #expect(try await client.send("GET", "/api/events?service=payouts").status == 503)
        try cluster.restart(place)
        try await cluster.wait("payouts is shown again") { try await available()["payouts"] == true }
    }

    @Test("X41: a process stopped with leases, and let go on, writes nothing that another has written")
    func stopped() async throws {
        let cluster = try Cluster.shared()
        defer { cluster.abandon() }
        try cluster.start()
        let work = Work(cluster, name: "stop")
        try await work.during {
            for services in ["accounting", "tracker"] {
                let place = try #require(cluster.running(services).first)
                let process = place.process.processIdentifier
                kill(process, SIGSTOP)
                defer { kill(process, SIGCONT) }
                try await cluster.wait("the other process of \(services) has all leases") {
                    try cluster.number(
                        services, "SELECT COUNT(DISTINCT owner) FROM lease WHERE name NOT LIKE 'process %'") == 1
                }
                let applied = try cluster.passed(services)
                let seen = work.acknowledged
                kill(process, SIGCONT)
                try await cluster.wait("both share the partitions again") { try cluster.readers(services) == 2 }
                try await cluster.wait("work goes on") { work.acknowledged > seen + 20 }
                #expect(try cluster.passed(services) >= applied)
            }
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
    }

    @Test(
        "X43, X66: people work while Identity is away; an import waits for it; then it hears which tokens were used elsewhere"
    )
    func identityAway() async throws {
        let cluster = try Cluster.shared()
        defer { cluster.abandon() }
        try cluster.start()
        let work = Work(cluster, name: "away")
        let admin = cluster.installation.admin
        try await work.during {
            let identity = try #require(cluster.stop("identity"))
            let seen = work.acknowledged
            let file = "created_at,created_by,title\n2026-01-05T10:00:00Z,newcomer-\(UUID().uuidString),Brought along\n"
            let client = try #require(cluster.client("tracker", token: admin))
            let begun = try await client.send(
                "POST", "/api/imports?name=file.csv", body: Array(file.utf8), type: "text/csv", key: UUID().uuidString)
            let id = try #require(begun.object["id"] as? String, "\(begun.status) \(begun.text)")
            try await cluster.wait("work goes on without Identity") { work.acknowledged > seen + 100 }
            #expect(try await client.send("GET", "/api/imports/\(id)").object["state"] as? String != "done")
            // Another process starts meanwhile: it needs nobody.
            let tracker = try #require(cluster.kill("tracker"))
            try cluster.restart(tracker)
            try cluster.restart(identity)
            try await cluster.wait("the import is done") {
                guard let client = cluster.client("tracker", token: admin) else { return false }
                return try await client.send("GET", "/api/imports/\(id)").object["state"] as? String == "done"
            }
            // Workers' tokens are shown to no process of Identity's.
            try await cluster.wait("Identity shows when a token was used at the Tracker") {
                guard let client = cluster.client("identity", token: admin) else { return false }
                let found = try await client.send("GET", "/api/people?search=Worker&limit=1").object["items"]
                let worker = (found as? [[String: Any]])?.first?["id"] as? String ?? ""
                return try await client.send("GET", "/api/people/\(worker)/sessions").text.contains("\"used\":")
            }
        }
        try await cluster.quiet()
        #expect(cluster.stopAll().allSatisfy { $0 == 0 })
        try compare(work, cluster)
    }
}
