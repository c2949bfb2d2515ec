import Foundation
import Synchronization
import TestKit
import Values

/// The real executable on a folder of its own, with the HTTP requests that the benchmarks need.
final class BenchServer: @unchecked Sendable {
    // Only the benchmark that owns this object restarts the process, between its measurements.
    let installation: TestInstallation
    private(set) var process: PopugProcess
    var admin: APIClient { APIClient(address: process.address, token: installation.admin) }
    var manager: APIClient { APIClient(address: process.address, token: installation.manager) }
    var accountant: APIClient { APIClient(address: process.address, token: installation.accountant) }
    var worker: APIClient { APIClient(address: process.address, token: installation.employees[0]) }

    init(employees: Int = 10) throws {
        installation = try TestInstallation(employees: employees, zone: "UTC")
        process = try PopugProcess(data: installation.data)
    }

    /// Restarts the server. Returns the seconds from its start to the first request that it takes.
    func restart() throws -> Double {
        process.stop()
        return try seconds { process = try PopugProcess(data: installation.data) }
    }

    func stop() {
        process.stop()
    }

    /// Waits until every event has reached every service.
    func quiet() async throws {
        while true {
            let text = try await admin.send("GET", "/metrics").text
            let waiting = text.split(separator: "\n").contains { line in
                (line.hasPrefix("popug_journal_unpublished") || line.hasPrefix("popug_consumer_lag"))
                    && line.split(separator: " ").last.flatMap { Double($0) } != 0
            }
            if !waiting { return }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Imports a file and waits until its last line is a task and charged.
    func importFile(_ content: [UInt8]) async throws {
        let answer = try await admin.send(
            "POST", "/api/imports?name=bench", body: content, type: "text/csv", key: UUID().uuidString, seconds: 600)
        guard let id = answer.object["id"] as? String else { throw RawError(message: answer.text) }
        while true {
            let state = try await admin.send("GET", "/api/imports/\(id)").object["state"] as? String
            if state == "done" { break }
            if state == "failed" { throw RawError(message: "the import failed") }
            try await Task.sleep(for: .milliseconds(10))
        }
        try await quiet()
    }

    /// Makes `count` tasks, with words that recur as in real titles.
    func fill(_ count: Int) async throws {
        var made = 0
        var generator = SplitMix64(seed: 4)
        let words = ["kafka", "stream", "fix", "test", "broker", "offset", "client", "metrics", "docs", "cleanup"]
        while made < count {
            let batch = min(100_000, count - made)
            var text = "created_at,created_by,title\n"
            for index in made..<made + batch {
                let some = (0..<4).map { _ in words[Int(generator.next() % 10)] }.joined(separator: " ")
                text += "2026-01-01T00:00:00Z,Worker 1,POP-\(index): \(some) \(index)\n"
            }
            try await importFile(Array(text.utf8))
            made += batch
        }
    }
}

extension PopugProcess {
    /// The server's resident memory in kilobytes.
    func residentKilobytes() -> Int {
        let status = try? String(contentsOfFile: "/proc/\(processIdentifier)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}

/// Runs `count` requests over `connections` at once. Returns the seconds that they took in all.
func load(connections: Int, count: Int, _ request: @escaping @Sendable (Int) async throws -> Void) async throws
    -> Double
{
    let next = Counter()
    return try await seconds {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    while true {
                        let index = next.take()
                        if index >= count { return }
                        try await request(index)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// Counts up from zero, for any thread.
final class Counter: Sendable {
    private let value = Mutex(0)

    func take() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
