import Foundation
import TestKit

/// The daily pages with 1,000,000 tasks, compared with the same pages with 10,000; and the server's start and idle use
/// with that data.
enum PagesBenchmark {
    static func run() async throws -> [Figure] {
        let tasks = ProcessInfo.processInfo.environment["BENCH_TASKS"].flatMap { Int($0) } ?? 1_000_000
        let small = try BenchServer()
        defer { small.stop() }
        try await small.fill(10_000)
        let large = try BenchServer()
        defer { large.stop() }
        try await large.fill(tasks)
        let start = try large.restart()
        let memory = large.process.residentKilobytes()
        var figures: [Figure] = []
        let pages: [(name: String, path: String, aim: Double, who: (BenchServer) -> APIClient)] = [
            ("home", "/", 1.3, { $0.worker }), ("all tasks", "/tasks", 1.3, { $0.worker }),
            ("search", "/tasks?q=kafka%20offset", 3, { $0.worker }), ("my account", "/account", 1.3, { $0.worker }),
            ("company money", "/money", 1.3, { $0.accountant }),
        ]
        for page in pages {
            var times: (small: [Double], large: [Double]) = ([], [])
            for _ in 0..<60 {
                times.small.append(try await once(page.who(small), page.path))
                times.large.append(try await once(page.who(large), page.path))
            }
            figures.append(
                .time(
                    "\(page.name) with \(tasks) tasks beside 10,000", median(times.large),
                    reference: median(times.small),
                    atMost: page.aim))
        }
        figures.append(
            .bound("start to ready with \(tasks) tasks", Figure.milliseconds(start), met: start < 1, aim: "< 1 s"))
        figures.append(.bound("memory when idle", "\(memory / 1024) MB", met: memory < 100 * 1024, aim: "< 100 MB"))
        return figures
    }

    private static func once(_ client: APIClient, _ path: String) async throws -> Double {
        try await seconds {
            let answer = try await client.send("GET", path)
            guard answer.status == 200 else { throw RawError(message: "\(path) answered \(answer.status)") }
        }
    }
}
