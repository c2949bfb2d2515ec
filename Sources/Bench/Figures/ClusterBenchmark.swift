import Foundation
import PostgreSQLDriver
import RabbitMQDriver
import Storage
import TestKit

/// The distributed shape, all on this one machine: how many tasks a second are created, priced and charged, compared
/// with what PostgreSQL and the broker can do alone; how far Accounting lags behind at 500 events a second; how long
/// work stops when a process or a broker dies.
enum ClusterBenchmark {
    private static let turn = 5
    private static let rounds = 3
    /// Events a second at which the lag is measured.
    private static let rate = 500.0
    /// Tasks a second while something dies: far below what this machine can do, so that the takeover is measured and
    /// not a queue.
    private static let calm = 50.0
    /// Events that follow from one task: created with its price, assigned, charged.
    private static let eventsOfTask = 3.0

    static func run() async throws -> [Figure] {
        let cluster = try BenchCluster()
        defer { cluster.stop() }
        let bare = try await references(cluster)
        let once = try await throughput(cluster, "once")
        let gateway = try gateway(cluster)
        let lag = try await lag(cluster)
        try cluster.start("accounting")
        let twice = try await throughput(cluster, "twice")
        var figures: [Figure] = [
            .rate(
                "many processes: tasks created, priced, charged", once, unit: "/s", reference: bare, atLeast: 0.4),
            .rate("  with Accounting as two processes", twice, unit: "/s", reference: bare, atLeast: 0.4),
            .bound(
                "  event to booking at 500 events/s: p50 \(Figure.milliseconds(lag.p50)), p99",
                Figure.milliseconds(lag.p99),
                met: lag.p99 < 0.15, aim: "p99 < 150 ms"),
        ]
        figures += gateway
        let process = try await standstill(cluster, "process") { cluster.kill("accounting") }
        figures.append(takeOver("  a process of Accounting killed: longest standstill", process))
        let node = try await standstill(cluster, "node") {
            _ = try Script.run("rabbitmq.sh", ["kill-node", cluster.brokers, "2"])
        }
        figures.append(takeOver("  a broker of three killed: longest standstill", node))
        return figures
    }

    private static func takeOver(_ what: String, _ seconds: Double) -> Figure {
        .bound(what, String(format: "%.1f s", seconds), met: seconds <= 5, aim: "≤ 5 s")
    }

    // MARK: Throughput

    /// Tasks a second by `wrk` on 32 connections, from the first request until the last is charged.
    private static func throughput(_ cluster: BenchCluster, _ mark: String) async throws -> Double {
        var rates: [Double] = []
        for round in 0..<rounds {
            var created = 0
            let taken = try await seconds {
                created = try Wrk.post(
                    to: cluster.address("tracker") + "/api/tasks", tokens: cluster.installation.employees,
                    mark: "\(mark)-\(round)", seconds: turn
                ).requests
                try await cluster.settle()
            }
            rates.append(Double(created) / taken)
        }
        return median(rates)
    }

    /// The slower of two references: PostgreSQL doing with pgbench what a task costs the Tracker and Accounting, and
    /// the broker taking a task's events.
    private static func references(_ cluster: BenchCluster) async throws -> Double {
        let database = try pgbench(cluster.server)
        let settings = try RabbitMQSettings(cluster.addresses)
        let broker = try BareBroker(settings.addresses[0])
        let body = BrokerBenchmark.body
        let batch = try median((0..<30).map { _ in try seconds { try broker.publish(1000, body) } })
        return min(database, 1000 / batch / eventsOfTask)
    }

    /// Tasks a second: two transactions with as many statements, rows and bytes as ours have, on eight connections.
    private static func pgbench(_ server: String) throws -> Double {
        let folder = try TemporaryFolder()
        let (schema, script) = (folder.path + "/schema.sql", folder.path + "/task.sql")
        try """
        CREATE TABLE person (id BIGINT PRIMARY KEY, name TEXT, balance BIGINT);
        INSERT INTO person SELECT n, 'Worker ' || n, 0 FROM generate_series(1, 1000) AS n;
        CREATE TABLE request (key TEXT PRIMARY KEY, hash BYTEA, answer TEXT);
        CREATE TABLE task (id UUID PRIMARY KEY, title TEXT, assignee BIGINT, fee BIGINT, state TEXT);
        CREATE INDEX task_of ON task (assignee, id);
        CREATE TABLE journal (position BIGSERIAL PRIMARY KEY, id UUID, key UUID, data BYTEA);
        CREATE TABLE entry (id UUID PRIMARY KEY, person BIGINT, cents BIGINT, after BIGINT, what TEXT);
        """.write(toFile: schema, atomically: true, encoding: .utf8)
        let event =
            "INSERT INTO journal (id, key, data) VALUES (gen_random_uuid(), gen_random_uuid(), repeat('x', 400)::bytea);"
        try """
        \\set worker random(1, 1000)
        BEGIN;
        SELECT name FROM person WHERE id = :worker;
        INSERT INTO request VALUES (gen_random_uuid()::text, 'hash', repeat('a', 300)) ON CONFLICT DO NOTHING;
        INSERT INTO task VALUES (gen_random_uuid(), 'POP-1: Feed the cat', :worker, 15, 'open');
        \(event)
        \(event)
        COMMIT;
        BEGIN;
        SELECT balance FROM person WHERE id = :worker FOR UPDATE;
        INSERT INTO entry VALUES (gen_random_uuid(), :worker, -15, 0, 'fee');
        INSERT INTO entry VALUES (gen_random_uuid(), :worker, 15, 0, 'company');
        UPDATE person SET balance = balance - 15 WHERE id = :worker;
        \(event)
        COMMIT;
        """.write(toFile: script, atomically: true, encoding: .utf8)
        try PostgreSQLServer(connection: server).create(database: "bare")
        let address = "\(server) dbname=bare"
        _ = try output(["psql", "-q", "-f", schema, address])
        // A fixed number of transactions, not a fixed time: pgbench ends a timed run by a signal, and this thread
        // blocks signals.
        let text = try output([
            "pgbench", "-n", "-M", "prepared", "-c", "8", "-j", "1", "-t", "2000", "-f", script, address,
        ])
        guard let rate = text.firstMatch(of: #/tps = ([0-9.]+)/#).flatMap({ Double($0.1) }) else {
            throw RawError(message: "pgbench said: \(text)")
        }
        return rate
    }

    private static func output(_ command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.begin()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw RawError(message: "\(command[0]) failed") }
        return text
    }

    // MARK: The gateway

    /// Requests through the gateway, compared with the same ones sent to the process directly: the smallest possible
    /// answer, one that is read for the caller, and a page.
    private static func gateway(_ cluster: BenchCluster) throws -> [Figure] {
        let gateway = try cluster.gateway()
        defer { gateway.stop() }
        let token = cluster.installation.employees[0]
        return try ["/api/keys", "/api/me", "/tasks"].map { path in
            let direct = try cluster.address(path == "/tasks" ? "tracker" : "identity")
            var (through, bare): ([Double], [Double]) = ([], [])
            for _ in 0..<rounds {
                through.append(try rate { try Wrk.get(gateway.address + path, token: token, seconds: 2) })
                bare.append(try rate { try Wrk.get(direct + path, token: token, seconds: 2) })
            }
            return .rate(
                "  \(path) through the gateway", median(through), unit: "/s", reference: median(bare))
        }
    }

    private static func rate(_ load: () throws -> Wrk.Outcome) rethrows -> Double {
        let outcome = try load()
        return Double(outcome.requests) / outcome.seconds
    }

    // MARK: Lag

    private static func lag(_ cluster: BenchCluster) async throws -> (p50: Double, p99: Double) {
        let before = try await cluster.ages()
        try await cluster.steadily(rate / eventsOfTask, mark: "lag") { try await Task.sleep(for: .seconds(20)) }
        try await cluster.settle()
        let former = Dictionary(before.map { ($0.seconds, $0.count) }, uniquingKeysWith: { $1 })
        let counts = try await cluster.ages().map {
            (seconds: $0.seconds, count: $0.count - former[$0.seconds, default: 0])
        }
        return (quantile(of: counts, 0.5), quantile(of: counts, 0.99))
    }

    /// A quantile from a histogram's cumulative counts, interpolated between two bounds by the count between them.
    private static func quantile(of counts: [(seconds: Double, count: Double)], _ share: Double) -> Double {
        guard let total = counts.last?.count, total > 0 else { return .nan }
        var last = (seconds: 0.0, count: 0.0)
        for next in counts {
            if next.count >= total * share {
                guard next.seconds.isFinite, next.count > last.count else { return last.seconds }
                let part = (total * share - last.count) / (next.count - last.count)
                return last.seconds + (next.seconds - last.seconds) * part
            }
            last = next
        }
        return last.seconds
    }

    // MARK: Standstill

    /// The longest time in seconds after `blow` in which a partition was not worked on, among the times in which it
    /// always had work.
    private static func standstill(
        _ cluster: BenchCluster, _ mark: String, _ blow: () throws -> Void
    ) async throws -> Double {
        var longest = 0.0
        try await cluster.steadily(calm, mark: mark) {
            try await Task.sleep(for: .seconds(3))
            var seen = try cluster.booked()
            let start = DispatchTime.now().uptimeNanoseconds
            try blow()
            var moved = seen.mapValues { _ in start }
            var now = start
            while now - start < 20_000_000_000 {
                try await Task.sleep(for: .milliseconds(20))
                let booked = try cluster.booked()
                now = DispatchTime.now().uptimeNanoseconds
                for (partition, number) in booked {
                    let since = moved[partition] ?? start
                    longest = max(longest, Double(now - since) / 1e9)
                    if number != seen[partition] { moved[partition] = now }
                }
                seen = booked
            }
        }
        try await cluster.settle()
        return longest
    }
}
