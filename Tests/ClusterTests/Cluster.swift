import Composition
import Foundation
import PostgreSQLDriver
import Storage
import Synchronization
import TestKit
import Values

/// An installation whose services run in processes of their own, on databases of the test's on the PostgreSQL server that
/// `scripts/test.sh` has started.
final class Cluster: Sendable {
    /// What runs: two processes of those that people wait for, one of each other.
    static let plan = [
        "identity", "tracker", "tracker", "accounting", "accounting", "payouts", "analytics", "mailer",
    ]

    struct Place: Sendable {
        let services: String
        let address: String
        let process: PopugProcess
    }

    let installation: TestInstallation
    private let prefix: String
    private let folder: TemporaryFolder
    private let places = Mutex<[Place]>([])
    /// Where Identity is, or was and will be again.
    private let identity = Mutex("")

    /// - Throws: what a verb printed that failed.
    init() throws {
        guard let server = PostgreSQLFixture.server else { throw StorageError.unavailable("no PostgreSQL server") }
        prefix = "popug_\(UUID().uuidString.prefix(8).lowercased())_"
        folder = try TemporaryFolder()
        let log = ProcessInfo.processInfo.environment["POPUG_TEST_RABBITMQ"] ?? "sqlite:\(folder.path)/log.sqlite"
        installation = try TestInstallation(
            options: ["--database", "\(server) dbname=\(prefix){service}", "--log", log, "--create"])
    }

    deinit {
        guard let server = PostgreSQLFixture.server else { return }
        for name in Exchange.names { try? PostgreSQLServer(connection: server).drop(database: prefix + name) }
    }

    // MARK: Processes

    /// Starts one process after another, Identity first: others are told where it is.
    func start() throws {
        for services in Cluster.plan { try start(services) }
    }

    private func start(_ services: String, port: String = "0") throws {
        let identity = identity.withLock { $0 }
        let process = try PopugProcess(
            data: installation.data, arguments: ["--services", services, "--listen", "127.0.0.1:\(port)"],
            environment: ["POPUG_IDENTITY_ADDRESS": identity, "POPUG_LOG_LEVEL": "warning"])
        places.withLock { $0.append(Place(services: services, address: process.address, process: process)) }
        if services == "identity" { self.identity.withLock { $0 = process.address } }
    }

    func running(_ services: String) -> [Place] {
        places.withLock { $0.filter { $0.services == services } }
    }

    /// Kills the first process of these services where it stands.
    func kill(_ services: String) -> Place? {
        let place = places.withLock { places -> Place? in
            places.firstIndex { $0.services == services }.map { places.remove(at: $0) }
        }
        place?.process.kill()
        return place
    }

    /// Ends the first process of these services in order.
    func stop(_ services: String) -> Place? {
        let place = places.withLock { places -> Place? in
            places.firstIndex { $0.services == services }.map { places.remove(at: $0) }
        }
        place?.process.stop()
        return place
    }

    /// Starts one again where it was.
    func restart(_ place: Place) throws {
        try start(place.services, port: String(place.address.split(separator: ":").last ?? "0"))
    }

    /// Ends all, consumers first; their exit codes.
    func stopAll() -> [Int32] {
        let all = places.withLock { places in
            defer { places = [] }
            return places
        }
        return all.reversed().map { $0.process.stop() }
    }

    /// Kills what still runs, where a test has failed.
    func abandon() {
        let all = places.withLock { places in
            defer { places = [] }
            return places
        }
        for place in all { place.process.kill() }
    }

    func client(_ services: String, _ number: Int = 0, token: String) -> APIClient? {
        let places = running(services)
        guard !places.isEmpty else { return nil }
        return APIClient(address: places[number % places.count].address, token: token)
    }

    // MARK: Looking

    /// Reads one number in a service's database.
    func number(_ service: String, _ query: SQL) throws -> Int {
        guard let server = PostgreSQLFixture.server else { return 0 }
        let database = PostgreSQLFixture.open("\(server) dbname=\(prefix)\(service)") {
            ($0.writers, $0.readers) = (1, 1)
        }
        defer { database.close() }
        return try database.read { try $0.value(query) } ?? 0
    }

    /// Asks until it is so, and prints how long that took: how fast is for `make bench`, on a quiet machine.
    /// - Throws: ``TooLate``.
    func wait(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let start = ContinuousClock.now
        while try await !isSo() {
            let taken = start.duration(to: .now)
            guard taken < .seconds(120) else { throw TooLate(description: "\(what), not within \(taken)") }
            try await Task.sleep(for: .milliseconds(50))
        }
        print("Cluster: \(what) after \(start.duration(to: .now))")
    }

    struct TooLate: Error, CustomStringConvertible {
        let description: String
    }

    /// Waits until every service has applied what the others have told.
    func quiet() async throws {
        let token = installation.admin
        try await wait("services come to rest") {
            guard let answer = try await self.client("identity", token: token)?.send("GET", "/api/services"),
                let states = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]]
            else { return false }
            return states.count == Exchange.names.count
                && states.allSatisfy { ($0["lag"] as? Int ?? 0) == 0 && $0["unpublished"] as? Int == 0 }
        }
    }
}
