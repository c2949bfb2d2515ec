import Composition
import Foundation
import Synchronization
import TestKit
import TestTraits
import Testing
import Web

/// The real server under load, killed at random moments (X40).
@Suite(
    "Kills", .tags(.servers), .ifChosen, .enabled(if: PopugProcess.binary != nil, "start it with make test"),
    .serialized)
struct KillTests {
    /// A changing request, as it can be sent again: by the same person, with the same key.
    private struct Request: Sendable {
        /// The person's token; keys are each person's own.
        let token: String
        let path: String
        var json: String?
        let key: String

        func send(to address: String) async throws -> APIClient.Response {
            try await APIClient(address: address, token: token).send("POST", path, json: json, key: key, seconds: 10)
        }
    }

    /// What the load asked for, and what it was told.
    private final class Book: Sendable {
        struct State {
            /// The ids of tasks whose creation was answered with success, by title.
            var created: [String: String] = [:]
            /// Tasks whose completion was answered with success.
            var completed: Set<String> = []
            /// Reassignments whose press was answered with success.
            var pressed: Set<String> = []
            /// Requests that got no answer: nobody knows whether they happened.
            var unanswered: [Request] = []
            /// Answers that no request of this load may get.
            var refused: [String] = []
        }
        let state = Mutex(State())

        /// Notes an answer; the id of what was made, where something was.
        @discardableResult
        func note(_ answer: APIClient.Response, to request: Request) -> String? {
            let id = answer.object["id"] as? String
            return state.withLock { state in
                switch (answer.status, request.path) {
                case (201, "/api/tasks"):
                    state.created[answer.object["title"] as? String ?? ""] = id
                case (201, "/api/reassignments"):
                    if let id { state.pressed.insert(id) }
                case (201, _):
                    if let id { state.completed.insert(id) }
                // Dealt to somebody else: creators try to complete whatever they have created.
                case (403, let path) where path.hasSuffix("/completion"): break
                case (409, let path) where path.hasSuffix("/completion"): break
                default: state.refused.append("\(request.path): \(answer.status) \(answer.text)")
                }
                return answer.status == 201 ? id : nil
            }
        }
    }

    @Test("X40: killed thirty times under load, every answered request is there, and each retried one happened once")
    func kills() async throws {
        let installation = try TestInstallation()
        let book = Book()
        var generator = SplitMix64(seed: 20_261_121)
        for round in 0..<30 {
            let server = try PopugProcess(data: installation.data)
            let pause = Double(150 + generator.next() % 500) / 1000
            let address = server.address
            await withTaskGroup(of: Void.self) { group in
                for (index, token) in installation.employees.enumerated() {
                    group.addTask { await load(address, token, name: "\(round)-\(index)", book) }
                }
                group.addTask {
                    _ = await ask(
                        Request(token: installation.manager, path: "/api/reassignments", key: "reassign-\(round)"),
                        address, book)
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
        let unanswered = book.state.withLock { $0.unanswered }
        #expect(unanswered.count > 30, "hardly anything was under way when the server was killed")
        #expect(Set(unanswered.map(\.token)).count > 1)
        try await retry(unanswered, server.address, book)
        try await compare(book, APIClient(address: server.address, token: installation.admin))
        #expect(server.stop() == 0)
        let (clean, output) = try installation.verify()
        #expect(clean, "\(output)")
        try compareHistories(book, installation)
    }

    /// Sends a request once; what gets no answer is kept for later. Returns the id of what was made, and whether the
    /// server is still there.
    private func ask(_ request: Request, _ address: String, _ book: Book) async -> (id: String?, answered: Bool) {
        do {
            return (book.note(try await request.send(to: address), to: request), true)
        } catch {
            book.state.withLock { $0.unanswered.append(request) }
            return (nil, false)
        }
    }

    /// Creates tasks, and completes what it was dealt, until the server is gone.
    private func load(_ address: String, _ token: String, name: String, _ book: Book) async {
        for count in 0..<10_000 {
            let title = "Task \(name)-\(count)"
            let creation = Request(
                token: token, path: "/api/tasks", json: "{\"title\":\"\(title)\"}", key: "create-\(name)-\(count)")
            guard let id = await ask(creation, address, book).id else { return }
            let completion = Request(token: token, path: "/api/tasks/\(id)/completion", key: "done-\(id)")
            guard await ask(completion, address, book).answered else { return }
        }
    }

    /// Sends what had no answer again, twice, by the same person and with the same key: both get the same answer.
    private func retry(_ requests: [Request], _ address: String, _ book: Book) async throws {
        for request in requests {
            let first = try await request.send(to: address)
            let second = try await request.send(to: address)
            book.note(first, to: request)
            #expect(first.status == second.status, "\(request.path): \(first.status), then \(second.status)")
            guard first.status == 201 else { continue }
            #expect(first.body == second.body)
            #expect(second.headers["idempotency-replayed"] == "true")
        }
    }

    /// Each title is there once, and what was answered with success is there.
    private func compare(_ book: Book, _ client: APIClient) async throws {
        var byTitle: [String: [String]] = [:]
        var done: Set<String> = []
        for item in try await all("/api/tasks", client) {
            guard let title = item["title"] as? String, let id = item["id"] as? String else { continue }
            byTitle[title, default: []].append(id)
            if item["status"] as? String == "done" { done.insert(id) }
        }
        let state = book.state.withLock { $0 }
        #expect(state.refused.isEmpty, "\(state.refused.prefix(5))")
        #expect(state.created.count > 100)
        // Every creation has an answer by now, so there is nothing else either.
        #expect(byTitle == state.created.mapValues { [$0] })
        #expect(state.completed == done)
        let pressed = try await all("/api/reassignments", client).compactMap { $0["id"] as? String }
        #expect(pressed.count == state.pressed.count && Set(pressed) == state.pressed)
    }

    private func all(_ path: String, _ client: APIClient) async throws -> [[String: Any]] {
        var items: [[String: Any]] = []
        var cursor = ""
        repeat {
            let page = try await client.send("GET", "\(path)?limit=200&cursor=\(cursor)").object
            items += page["items"] as? [[String: Any]] ?? []
            cursor = page["next"] as? String ?? ""
        } while !cursor.isEmpty
        return items
    }

    /// Each task was created once, and completed at most once.
    private func compareHistories(_ book: Book, _ installation: TestInstallation) throws {
        let state = book.state.withLock { $0 }
        func count(_ kind: Int) throws -> Int {
            try PopugProcess.number(
                installation.data + "/tracker.sqlite", "SELECT COUNT(*) FROM task_history WHERE kind = \(kind)")
        }
        #expect(try count(1) == state.created.count)
        #expect(try count(3) == state.completed.count)
    }
}
