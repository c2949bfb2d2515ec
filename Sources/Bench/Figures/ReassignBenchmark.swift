import Foundation
import TestKit

/// "Reassign all" of 10,000 and of 100,000 open tasks, until the last charge.
enum ReassignBenchmark {
    static func run() async throws -> [Figure] {
        let small = try await measure(10_000)
        let large = try await measure(100_000)
        return [
            .time("reassign all: 100,000 open tasks beside 10,000", large, reference: small, atMost: 12)
        ]
    }

    private static func measure(_ tasks: Int) async throws -> Double {
        let server = try BenchServer()
        defer { server.stop() }
        try await server.fill(tasks)
        return try await seconds {
            let press = try await server.manager.send("POST", "/api/reassignments", key: "press")
            guard let id = press.object["id"] as? String else { throw RawError(message: press.text) }
            while true {
                let state = try await server.manager.send("GET", "/api/reassignments/\(id)").object["state"] as? String
                if state == "done" { break }
                try await Task.sleep(for: .milliseconds(5))
            }
            try await server.quiet()
        }
    }
}
