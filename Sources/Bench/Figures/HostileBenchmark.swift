import Composition
import Foundation
import Synchronization
import TestKit

/// A hundred hostile senders at once, none of them signed in, and one person who asks whether the server is there
/// (X62): how long the senders make everybody else wait, and how much memory they take.
enum HostileBenchmark {
    private static let senders = 100
    private static let looks = 600

    static func run() async throws -> [Figure] {
        let server = try BenchServer()
        defer { server.stop() }
        let alone = try await measure(server.process, "")
        let services = Services.names.joined(separator: ",")
        let gateway = try PopugProcess.gateway(
            "\(services)=\(server.process.address)", data: server.installation.data)
        defer { gateway.stop() }
        return try await alone + measure(gateway, ", through the gateway")
    }

    private static func measure(_ process: PopugProcess, _ place: String) async throws -> [Figure] {
        _ = try await answers(of: process, looks)
        let rest = try await answers(of: process, looks)
        let done = Mark()
        guard let port = process.address.split(separator: ":").last.flatMap({ Int($0) }) else { return [] }
        let shapes = HostileShape.all
        let most = Peak()
        let busy = try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<senders {
                let shape = shapes[index % shapes.count]
                group.addTask {
                    await onThread { while !done.isSet { shape.send(to: port) } }
                }
            }
            group.addTask {
                while !done.isSet {
                    most.note(process.residentKilobytes())
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
            // Wait until all of them are active.
            try await Task.sleep(for: .seconds(2))
            let busy = try await answers(of: process, looks)
            done.set()
            try await group.waitForAll()
            return busy
        }
        let p99 = quantile(busy, 0.99)
        return [
            .bound(
                "/healthz beside \(senders) hostile senders\(place): p50 \(Figure.milliseconds(median(busy))) "
                    + "(at rest \(Figure.milliseconds(median(rest)))), p99", Figure.milliseconds(p99), met: p99 < 0.1,
                aim: "< 100 ms"),
            .bound(
                "memory meanwhile\(place)", "\(most.value / 1024) MB", met: most.value < 200 * 1024, aim: "< 200 MB"),
        ]
    }

    private static func answers(of process: PopugProcess, _ count: Int) async throws -> [Double] {
        var times: [Double] = []
        let client = APIClient(address: process.address)
        for _ in 0..<count {
            times.append(try await seconds { _ = try await client.send("GET", "/healthz") })
            try await Task.sleep(for: .milliseconds(5))
        }
        return times
    }

    private static func onThread(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                work()
                continuation.resume()
            }
            thread.start()
        }
    }

    private final class Mark: Sendable {
        private let mark = Mutex(false)
        var isSet: Bool { mark.withLock { $0 } }
        func set() { mark.withLock { $0 = true } }
    }

    private final class Peak: Sendable {
        private let most = Mutex(0)
        func note(_ value: Int) { most.withLock { $0 = max($0, value) } }
        var value: Int { most.withLock { $0 } }
    }
}
