import Composition
import Foundation
import PostgreSQLDriver
import Storage
import Synchronization
import TestKit

/// The distributed shape on servers of its own: PostgreSQL, three brokers, and the services in processes.
final class BenchCluster: @unchecked Sendable {
    // Only the benchmark that owns this object starts and ends processes, between its measurements.
    let installation: TestInstallation
    /// Libpq's address of the server.
    let server: String
    /// The addresses of the brokers.
    let brokers: String
    let addresses: String
    private let folder = try? TemporaryFolder()
    private var processes: [(services: String, process: PopugProcess)] = []
    private let looking: [String: PostgreSQLDatabase]
    private static let plan = ["identity", "tracker", "accounting", "payouts,analytics,mailer"]
    /// The ports of the processes in the plan.
    private let ports = BenchCluster.plan.map { (services: $0, port: Loopback.freePort()) }

    init() throws {
        guard let path = folder?.path else { throw RawError(message: "no folder") }
        brokers = path + "/brokers"
        server = try Script.run("postgres.sh", ["start", path + "/postgres"])
        addresses = try Script.run("rabbitmq.sh", ["start", brokers, "3"])
        installation = try TestInstallation(
            employees: 10, zone: "UTC",
            options: ["--database", "\(server) dbname=popug_{service}", "--log", addresses, "--create"], cluster: true)
        let server = server
        looking = Dictionary(
            uniqueKeysWithValues: ["tracker", "accounting"].map { name in
                (
                    name,
                    PostgreSQLFixture.open("\(server) dbname=popug_\(name)") { ($0.writers, $0.readers) = (1, 1) }
                )
            })
        for services in BenchCluster.plan { try start(services) }
    }

    /// Starts it on its planned port, or on any port if a process runs there already.
    func start(_ services: String) throws {
        let isThere = processes.contains { $0.services == services }
        let port = isThere ? 0 : ports.first { $0.services == services }?.port ?? 0
        let upstreams = ports.map { "\($0.services)=http://127.0.0.1:\($0.port)" }.joined(separator: ";")
        let process = try PopugProcess(
            data: installation.data,
            arguments: ["--services", services, "--listen", "127.0.0.1:\(port)"],
            environment: ["POPUG_LOG_LEVEL": "error", "POPUG_UPSTREAMS": upstreams])
        processes.append((services, process))
    }

    func address(_ services: String) throws -> String {
        guard let found = processes.first(where: { $0.services == services }) else {
            throw RawError(message: "no process of \(services)")
        }
        return found.process.address
    }

    /// A gateway in front of all processes, without rate limits.
    func gateway() throws -> PopugProcess {
        let upstreams = processes.map { "\($0.services)=\($0.process.address)" }.joined(separator: ";")
        return try PopugProcess.gateway(
            upstreams, data: installation.data,
            environment: ["POPUG_GATEWAY_PERSON_RATE": "0", "POPUG_GATEWAY_ADDRESS_RATE": "0"])
    }

    /// Kills the first process of these services.
    func kill(_ services: String) {
        guard let index = processes.firstIndex(where: { $0.services == services }) else { return }
        processes.remove(at: index).process.kill()
    }

    func stop() {
        for (_, process) in processes.reversed() { process.stop() }
        for database in looking.values { database.close() }
        _ = try? Script.run("rabbitmq.sh", ["stop", brokers])
        if let path = folder?.path { _ = try? Script.run("postgres.sh", ["stop", path + "/postgres"]) }
    }

    // MARK: Looking

    func number(_ service: String, _ query: SQL) throws -> Int {
        try looking[service]?.read { try $0.value(query) } ?? 0
    }

    /// How far Accounting has applied each partition of the Tracker's topic.
    func booked() throws -> [Int: Int64] {
        let rows = try looking["accounting"]?.read { transaction in
            try transaction.fetch("SELECT partition, number FROM checkpoint WHERE topic = 'tracker' ORDER BY partition")
                .map { (try $0(0, as: Int.self), try $0(1, as: Int64.self)) }
        }
        return Dictionary(rows ?? [], uniquingKeysWith: { $1 })
    }

    /// Waits until Accounting has applied everything that the Tracker has published.
    /// - Throws: `RawError` if that takes more than five minutes.
    func settle() async throws {
        let end = ContinuousClock.now + .seconds(300)
        while try number("tracker", "SELECT COUNT(*) FROM journal") > booked().values.reduce(0, +) {
            guard ContinuousClock.now < end else { throw RawError(message: "not all is booked after five minutes") }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Creates `rate` tasks a second, however fast they are accepted, until `body` has returned. Requests that are not
    /// answered by then are ignored.
    func steadily(_ rate: Double, mark: String, while body: () async throws -> Void) async throws {
        let end = End()
        let (address, tokens) = (try address("tracker"), installation.employees)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await withTaskGroup(of: Void.self) { requests in
                    let first = DispatchTime.now().uptimeNanoseconds
                    for index in 0... where !end.isThere.withLock({ $0 }) {
                        let due = first + UInt64(Double(index) / rate * 1e9)
                        let now = DispatchTime.now().uptimeNanoseconds
                        if due > now { try? await Task.sleep(nanoseconds: due - now) }
                        guard !end.isThere.withLock({ $0 }) else { break }
                        let client = APIClient(address: address, token: tokens[index % tokens.count])
                        requests.addTask {
                            _ = try? await client.send(
                                "POST", "/api/tasks", json: "{\"title\":\"POP-\(index): Feed the cat\"}",
                                key: "\(mark)-\(index)")
                        }
                    }
                }
            }
            defer { end.isThere.withLock { $0 = true } }
            try await body()
            end.isThere.withLock { $0 = true }
            try await group.waitForAll()
        }
    }

    private final class End: Sendable {
        let isThere = Mutex(false)
    }

    /// The age of the Tracker's events when Accounting applied them: how many were at most that many seconds old.
    func ages() async throws -> [(seconds: Double, count: Double)] {
        var sums: [Double: Double] = [:]
        for (services, process) in processes where services == "accounting" {
            let text = try await APIClient(address: process.address).send("GET", "/metrics").text
            for line in text.split(separator: "\n")
            where line.hasPrefix("popug_event_age_seconds_bucket") && line.contains("topic=\"tracker\"") {
                guard let bound = line.firstMatch(of: #/le="([^"]+)"\} (\d+)/#) else { continue }
                sums[Double(bound.1) ?? .infinity, default: 0] += Double(bound.2) ?? 0
            }
        }
        return sums.sorted { $0.key < $1.key }.map { (seconds: $0.key, count: $0.value) }
    }
}
