import Foundation
import Synchronization
import TestKit

/// People at work on whichever Tracker process answers: they create tasks and complete what they were dealt. What gets
/// no answer, or is told to come again, is sent again with the same key, to another process.
final class Work: Sendable {
    struct State {
        /// The ids of tasks whose creation was acknowledged, by title.
        var created: [String: String] = [:]
        var completed: Set<String> = []
        /// Answers that nobody may get.
        var refused: [String] = []
        var again = 0
        var isOver = false
        /// How much may be acknowledged before people rest.
        var most = Int.max
    }

    let state = Mutex(State())
    private let cluster: Cluster
    private let name: String

    init(_ cluster: Cluster, name: String) {
        self.cluster = cluster
        self.name = name
    }

    var acknowledged: Int { state.withLock { $0.created.count + $0.completed.count } }

    /// People do so much more and then rest, until this is called again: what waits for a server that is away does not
    /// grow for as long as the server needs to come back.
    func go(on most: Int?) {
        let now = acknowledged
        state.withLock { $0.most = most.map { now + $0 } ?? .max }
    }

    /// Works while `body` runs.
    func during(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, token) in cluster.installation.employees.enumerated() {
                group.addTask { await self.work(token, index) }
            }
            defer { state.withLock { $0.isOver = true } }
            try await body()
            state.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
    }

    private func work(_ token: String, _ index: Int) async {
        var count = 0
        while !state.withLock({ $0.isOver }) {
            guard acknowledged < state.withLock({ $0.most }) else {
                try? await Task.sleep(for: .milliseconds(50))
                continue
            }
            count += 1
            let title = "\(name)-\(index)-\(count)"
            let creation = await send(token, "/api/tasks", json: "{\"title\":\"\(title)\"}", key: title, number: count)
            guard let id = creation?.object["id"] as? String, creation?.status == 201 else { continue }
            state.withLock { $0.created[title] = id }
            let done = await send(
                token, "/api/tasks/\(id)/completion", json: nil, key: "done-\(title)", number: count)
            if done?.status == 201 { _ = state.withLock { $0.completed.insert(id) } }
        }
    }

    /// Sends until it is answered; `nil` where it never was, or nobody needs an answer any more: what runs beside the
    /// work has failed.
    private func send(
        _ token: String, _ path: String, json: String?, key: String, number: Int
    ) async -> APIClient.Response? {
        let end = ContinuousClock.now + .seconds(150)
        var attempt = 0
        while ContinuousClock.now < end, !Task.isCancelled {
            attempt += 1
            if let client = cluster.client("tracker", number + attempt, token: token),
                let answer = try? await client.send("POST", path, json: json, key: key, seconds: 10)
            {
                if answer.status != 503 {
                    // Dealt to somebody else, or done by them.
                    let isFine = answer.status == 201 || path != "/api/tasks" && [403, 409].contains(answer.status)
                    if !isFine { state.withLock { $0.refused.append("\(path): \(answer.status) \(answer.text)") } }
                    return answer
                }
            }
            state.withLock { $0.again += 1 }
            try? await Task.sleep(for: .milliseconds(100))
        }
        state.withLock { $0.refused.append("\(path): not answered in \(attempt) attempts") }
        return nil
    }
}
