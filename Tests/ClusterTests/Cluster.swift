import Composition
import Foundation
import PostgreSQLDriver
import Storage
import Synchronization
import TestKit
import Values

/// An installation whose services run in processes of their own, on databases of the tests' on the PostgreSQL server and
/// in a room of its own on the cluster of three brokers that `scripts/test.sh` has started, over TLS.
final class Cluster: Sendable {
    /// Made once: most of a cluster's start is its verbs.
    static func shared() throws -> Cluster {
        try made.withLock { made in
            if let made { return made }
            let cluster = try Cluster()
            made = cluster
            return cluster
        }
    }
    private static let made = Mutex<Cluster?>(nil)

    /// What runs: two processes of those that people wait for, one of each other.
    static let plan = Services.processes.map(\.service)

    struct Place: Sendable {
        let services: String
        let address: String
        let process: PopugProcess
    }

    let installation: TestInstallation
    /// Where `log` is; a file where there is no broker.
    let log: String
    /// The same without TLS, for who comes by another way than the certificate's names.
    let openLog: String
    /// Libpq's address of the server.
    let server: String
    let prefix: String
    let folder: TemporaryFolder
    private let places = Mutex<[Place]>([])
    /// Variables of all processes.
    private let variables = Mutex<[String: String]>([:])
    /// Where the processes of the plan are while they run.
    private let ports: [(services: String, port: Int)]
    /// The same, as processes are told it that ask each other.
    let upstreams: String

    /// - Throws: what a verb printed that failed.
    init() throws {
        guard let server = PostgreSQLFixture.server else { throw StorageError.unavailable("no PostgreSQL server") }
        self.server = server
        prefix = "popug_\(UUID().uuidString.prefix(8).lowercased())_"
        folder = try TemporaryFolder()
        let ports = Cluster.plan.map { (services: $0, port: Loopback.freePort()) }
        self.ports = ports
        upstreams = Dictionary(grouping: ports, by: \.services).map { services, ports in
            services + "=" + ports.map { "http://127.0.0.1:\($0.port)" }.joined(separator: ",")
        }.joined(separator: ";")
        var vouching: [String] = []
        if TestBroker.areThere {
            try TestBroker.three.makeRoom(prefix)
            log = try TestBroker.three.addresses(room: prefix, secure: true)
            openLog = try TestBroker.three.addresses(room: prefix)
            vouching = ["--log-authorities", TestBroker.three.authorities]
        } else {
            log = "sqlite:\(folder.path)/log.sqlite"
            openLog = log
        }
        installation = try TestInstallation(
            options: ["--database", "\(server) dbname=\(prefix){service}", "--log", log, "--create"] + vouching,
            cluster: true)
    }

    deinit {
        for name in Services.names { try? PostgreSQLServer(connection: server).drop(database: prefix + name) }
    }

    // MARK: Processes

    /// Starts one process after another, Identity first.
    /// - Parameter variables: more for all of them, also for those that are started again.
    func start(_ variables: [String: String] = [:]) throws {
        self.variables.withLock { $0 = variables }
        for services in Cluster.plan { try start(services) }
    }

    /// - Parameters:
    ///   - port: where it listens; where the plan has it, or anywhere, where it is not given.
    ///   - variables: more for this one.
    ///   - through: see ``PopugProcess``.
    func start(
        _ services: String, port: String? = nil, variables: [String: String] = [:], through: [String] = []
    ) throws {
        let planned = port == nil ? planned(services) : nil
        let process = try PopugProcess(
            data: installation.data,
            arguments: ["--services", services, "--listen", "127.0.0.1:\(port ?? planned ?? "0")"],
            environment: ["POPUG_UPSTREAMS": upstreams, "POPUG_LOG_LEVEL": "warning"]
                .merging(self.variables.withLock { $0 }) { $1 }.merging(variables) { $1 }, through: through)
        places.withLock { $0.append(Place(services: services, address: process.address, process: process)) }
    }

    private func planned(_ services: String) -> String? {
        let taken = running(services).map(\.address)
        return ports.first { planned in
            planned.services == services && !taken.contains { $0.hasSuffix(":\(planned.port)") }
        }.map { String($0.port) }
    }

    func running(_ services: String) -> [Place] {
        places.withLock { $0.filter { $0.services == services } }
    }

    /// Kills the first process of these services where it stands.
    func kill(_ services: String) -> Place? {
        let place = take(services)
        place?.process.kill()
        return place
    }

    /// Ends the first process of these services in order.
    func stop(_ services: String) -> Place? {
        let place = take(services)
        place?.process.stop()
        return place
    }

    private func take(_ services: String) -> Place? {
        places.withLock { places in places.firstIndex { $0.services == services }.map { places.remove(at: $0) } }
    }

    /// Starts one again where it was.
    func restart(_ place: Place) throws {
        try start(place.services, port: String(place.address.split(separator: ":").last ?? "0"))
    }

    /// Ends all, consumers first; their exit codes.
    func stopAll() -> [Int32] {
        takeAll().reversed().map { $0.process.stop() }
    }

    /// Kills what still runs, where a test has failed.
    func abandon() {
        for place in takeAll() { place.process.kill() }
    }

    private func takeAll() -> [Place] {
        places.withLock { places in
            defer { places = [] }
            return places
        }
    }

    func client(_ services: String, _ number: Int = 0, token: String) -> APIClient? {
        let places = running(services)
        guard !places.isEmpty else { return nil }
        return APIClient(address: places[number % places.count].address, token: token)
    }

    // MARK: Looking

    /// Reads one number in a service's database.
    func number(_ service: String, _ query: SQL) throws -> Int {
        try Cluster.number("\(server) dbname=\(prefix)\(service)", query)
    }

    /// Reads one number in a database.
    static func number(_ address: String, _ query: SQL) throws -> Int {
        try value(address, query) ?? 0
    }

    private static func value<T: Storable & Sendable>(_ address: String, _ query: SQL) throws -> T? {
        try look(address) { try $0.value(query) }
    }

    private static func look<T: Sendable>(
        _ address: String, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) throws -> T {
        let database = PostgreSQLFixture.open(address) { ($0.writers, $0.readers) = (1, 1) }
        defer { database.close() }
        return try database.read(body)
    }

    /// The folder in which `scripts/postgres.sh` keeps the server, which says itself where its data is.
    func serverFolder() throws -> String {
        let data: String? = try Cluster.value(server, "SELECT current_setting('data_directory')")
        return URL(filePath: data ?? "").deletingLastPathComponent().path
    }

    /// Makes the broker forget all that this installation has told.
    func emptyBroker() throws {
        guard TestBroker.areThere else { return }
        try TestBroker.three.dropRoom(prefix)
        try TestBroker.three.makeRoom(prefix)
    }

    /// How many processes' names stand at a service's reading of topics.
    func readers(_ service: String) throws -> Int {
        try number(
            service, "SELECT COUNT(DISTINCT owner) FROM lease WHERE name LIKE 'topic %' AND owner <> ''")
    }

    /// How many events a service has passed.
    func passed(_ service: String) throws -> Int { try number(service, "SELECT SUM(number) FROM checkpoint") }

    /// How many events of the Tracker Accounting has yet to hear of.
    func owed() throws -> Int {
        let booked = try number("accounting", "SELECT SUM(number) FROM checkpoint WHERE topic = 'tracker'")
        return try number("tracker", "SELECT COUNT(*) FROM journal") - booked
    }

    /// Waits until Accounting has passed, in every partition, what the Tracker has written up to now.
    func wait(forBooking what: String) async throws {
        func pairs(_ service: String, _ query: SQL) throws -> [Int: Int] {
            let rows = try Cluster.look("\(server) dbname=\(prefix)\(service)") {
                try $0.fetch(query).map { (try $0(0, as: Int.self), try $0(1, as: Int.self)) }
            }
            return Dictionary(rows, uniquingKeysWith: { $1 })
        }
        let made = try pairs("tracker", "SELECT partition, COUNT(*) FROM journal GROUP BY partition")
        try await wait(what) {
            let booked = try pairs(
                "accounting", "SELECT partition, number FROM checkpoint WHERE topic = 'tracker' ORDER BY partition")
            return made.allSatisfy { booked[$0.key, default: 0] >= $0.value }
        }
    }

    /// Blocks a thread of its own, and not one of the few that tasks share.
    @discardableResult
    func aside<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try body() }) }.start()
        }
    }

    /// Asks until it is so, and prints how long that took: how fast is for `make bench`, on a quiet machine.
    /// - Throws: ``TooLate``.
    func wait(_ what: String, _ isSo: () async throws -> Bool) async throws {
        try await Cluster.wait(what, isSo)
    }

    static func wait(_ what: String, _ isSo: () async throws -> Bool) async throws {
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
            return states.count == Services.names.count
                // A lag that is not known, while the broker is away, is not none.
                && states.allSatisfy { $0["lag"] as? Int == 0 && $0["unpublished"] as? Int == 0 }
        }
    }
}
