import Composition
import Foundation
import Synchronization
import TestKit
import Testing
import Web

/// The real server under load, killed at random moments (X40).
@Suite("Kills", .enabled(if: PopugProcess.binary != nil, "start it with make test"), .serialized)
struct KillTests {
    /// What the load asked for: each request with its key, until it has a success answer.
    private final class Ledger: Sendable {
        struct State {
            /// Titles whose creation was answered with success, with the task's id.
            var created: [String: String] = [:]
            var completed: Set<String> = []
            /// Requests that got no answer: to be sent again with the same key.
            var unanswered: [(title: String, key: String)] = []
            var refused = 0
        }
        let state = Mutex(State())
    }

    @Test("X40: killed thirty times under load, every answered request is there, and each retried one happened once")
    func kills() async throws {
        let installation = try TestInstallation()
        let ledger = Ledger()
        var generator = SplitMix64(seed: 20_261_121)
        for round in 0..<30 {
            let server = try PopugProcess(data: installation.data)
            let pause = Double(150 + generator.next() % 500) / 1000
            await withTaskGroup(of: Void.self) { group in
                for (index, token) in installation.employees.enumerated() {
                    let client = APIClient(address: server.address, token: token)
                    group.addTask { await load(client, name: "\(round)-\(index)", ledger) }
                }
                let manager = APIClient(address: server.address, token: installation.manager)
                group.addTask {
                    _ = try? await manager.send("POST", "/api/reassignments", key: "reassign-\(round)")
                }
                // The moment of the kill is the test's subject, so this wait is its input, not a hope for readiness.
                group.addTask {
                    await withCheckedContinuation { continuation in
                        DispatchQueue.global().asyncAfter(deadline: .now() + pause) {
                            server.kill()
                            continuation.resume()
                        }
                    }
                }
            }
        }
        let server = try PopugProcess(data: installation.data)
        try await retry(ledger, APIClient(address: server.address, token: installation.employees[0]))
        try await compare(ledger, APIClient(address: server.address, token: installation.admin))
        #expect(server.stop() == 0)
        let (clean, output) = try installation.verify()
        #expect(clean, "\(output)")
        #expect(ledger.state.withLock { $0.created.count } > 100)
    }

    /// Creates tasks, and completes what it was dealt, until the server is gone.
    private func load(_ client: APIClient, name: String, _ ledger: Ledger) async {
        for count in 0..<10_000 {
            let title = "Task \(name)-\(count)"
            do {
                let answer = try await client.send(
                    "POST", "/api/tasks", json: "{\"title\":\"\(title)\"}", key: title.replacing(" ", with: "-"),
                    seconds: 10)
                guard let id = answer.object["id"] as? String, answer.status == 201 else {
                    ledger.state.withLock { $0.refused += 1 }
                    return
                }
                ledger.state.withLock { $0.created[title] = id }
                let completion = try await client.send(
                    "POST", "/api/tasks/\(id)/completion", key: "done-\(id)", seconds: 10)
                if completion.status == 201 { _ = ledger.state.withLock { $0.completed.insert(id) } }
            } catch {
                ledger.state.withLock {
                    if $0.created[title] == nil { $0.unanswered.append((title, title.replacing(" ", with: "-"))) }
                }
                return
            }
        }
    }

    /// Sends what had no answer again, with the same key, by the same person or not at all where it was another's.
    private func retry(_ ledger: Ledger, _ client: APIClient) async throws {
        for (title, key) in ledger.state.withLock({ $0.unanswered })
        where title.hasSuffix("-0") || title.contains("-0-") {
            for _ in 0..<2 {
                let answer = try await client.send("POST", "/api/tasks", json: "{\"title\":\"\(title)\"}", key: key)
                #expect(answer.status == 201)
                ledger.state.withLock { $0.created[title] = answer.object["id"] as? String }
            }
        }
    }

    private func compare(_ ledger: Ledger, _ client: APIClient) async throws {
        var byTitle: [String: [String]] = [:]
        var done: Set<String> = []
        var cursor = ""
        repeat {
            let page = try await client.send("GET", "/api/tasks?limit=200&cursor=\(cursor)").object
            for item in page["items"] as? [[String: Any]] ?? [] {
                guard let title = item["title"] as? String, let id = item["id"] as? String else { continue }
                byTitle[title, default: []].append(id)
                if item["status"] as? String == "done" { done.insert(id) }
            }
            cursor = page["next"] as? String ?? ""
        } while !cursor.isEmpty
        let state = ledger.state.withLock { $0 }
        #expect(state.refused == 0)
        for (title, id) in state.created { #expect(byTitle[title] == [id], "\(title)") }
        #expect(byTitle.values.allSatisfy { $0.count == 1 })
        #expect(state.completed.isSubset(of: done))
    }
}
