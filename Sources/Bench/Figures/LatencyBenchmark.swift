import Composition
import Contracts
import Foundation
import Identity
import Logging
import SQLiteDriver
import Schemas
import Storage
import Synchronization
import TestKit
import Values
import Web

/// The time from a completed task to the changed balance at 500 a second. All services run on threads of their own,
/// with files, in this process, so that the moment of Accounting's commit can be observed.
enum LatencyBenchmark {
    static let rate = 500.0
    static let count = 5_000

    static func run() async throws -> [Figure] {
        let folder = try TemporaryFolder()
        let environment = Environment.live()
        var parts = Exchange.Parts(
            company: .test(zone: "UTC"), environment: environment, secret: TestExchange.secret,
            database: { try SQLiteDatabase(path: folder.path + "/\($0).sqlite", name: $0) },
            log: try SQLiteEventLog(
                path: folder.path + "/log.sqlite", codes: .trial, now: environment.now()),
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }))
        parts.make(IdentityService.self) { try IdentityService($0, settings: .quick) }
        let exchange = try Exchange(parts)
        let admin = try exchange.createFirstAdmin(
            name: "Ada", email: "ada@example.com", password: "correct horse battery")
        exchange.start()
        let person = try await employee(exchange, admin)
        let tasks = try await create(exchange, by: admin)
        guard let accounting = exchange.databases["accounting"] else { return [] }
        let sightings = Sightings()
        Thread { watch(accounting, sightings) }.start()
        var started: [ID: UInt64] = [:]
        let first = DispatchTime.now().uptimeNanoseconds
        for (index, task) in tasks.enumerated() {
            let due = first + UInt64(Double(index) / rate * 1e9)
            let now = DispatchTime.now().uptimeNanoseconds
            if due > now { try await Task.sleep(nanoseconds: due - now) }
            started[task] = DispatchTime.now().uptimeNanoseconds
            var request = WebRequest("POST", "/api/tasks/\(task)/completion", credential: .local(person))
            request.headers.idempotencyKey = task.description
            let answer = await exchange.entrance.run(request)
            guard answer.status == 201 else { throw RawError(message: answer.text) }
        }
        while sightings.seen.withLock({ $0.count }) < tasks.count { try await Task.sleep(for: .milliseconds(5)) }
        sightings.done.withLock { $0 = true }
        exchange.stop()
        let end = sightings.seen.withLock { $0 }
        let latencies = started.compactMap { task, start in end[task].map { Double($0 - start) / 1e9 } }
        let p99 = quantile(latencies, 0.99)
        return [
            .bound(
                "completed task to moved balance at 500/s: p50 \(Figure.milliseconds(quantile(latencies, 0.5))), p99",
                Figure.milliseconds(p99), met: p99 < 0.05, aim: "p99 < 50 ms")
        ]
    }

    /// When each task's reward was seen, in nanoseconds of uptime.
    private final class Sightings: Sendable {
        let seen = Mutex<[ID: UInt64]>([:])
        let done = Mutex(false)
    }

    private static func employee(_ exchange: Exchange, _ admin: ID) async throws -> ID {
        var request = WebRequest("POST", "/api/people", credential: .local(admin))
        request.headers.idempotencyKey = "employee"
        request.headers.contentType = "application/json"
        request.body = Array("{\"name\":\"Emma\",\"email\":\"emma@example.com\",\"roles\":[\"employee\"]}".utf8)
        let id = try await exchange.entrance.run(request).json()["id"].text.flatMap { ID($0) }
        guard let id else { throw RawError(message: "no employee") }
        return id
    }

    private static func create(_ exchange: Exchange, by admin: ID) async throws -> [ID] {
        var tasks: [ID] = []
        while tasks.count < count {
            var request = WebRequest("POST", "/api/tasks", credential: .local(admin))
            request.headers.idempotencyKey = "task-\(tasks.count)-\(DispatchTime.now().uptimeNanoseconds)"
            request.headers.contentType = "application/json"
            request.body = Array("{\"title\":\"POP-\(tasks.count): Feed the cat\"}".utf8)
            let answer = await exchange.entrance.run(request)
            if answer.status == 201, let id = try answer.json()["id"].text.flatMap({ ID($0) }) {
                tasks.append(id)
            } else {
                // The Tracker does not know the new employee yet.
                try await Task.sleep(for: .milliseconds(5))
            }
        }
        return tasks
    }

    /// Notes when each reward's commit becomes visible in Accounting.
    private static func watch(_ database: any Database, _ sightings: Sightings) {
        var position: Int64 = 0
        while !sightings.done.withLock({ $0 }) {
            let count = database.commits.count
            let last = position
            let rows: [(Int64, ID)]? = try? database.read { transaction in
                try transaction.fetch(
                    """
                    SELECT position, data FROM journal
                    WHERE position > \(last) AND name = 'employee-rewarded' ORDER BY position LIMIT 5000
                    """
                ).map { row in
                    let data: [UInt8] = try row(1)
                    let operation = try EmployeeRewarded(data: data).operation
                    return (try row(0), operation.task)
                }
            }
            let now = DispatchTime.now().uptimeNanoseconds
            sightings.seen.withLock { seen in
                for (at, task) in rows ?? [] {
                    seen[task] = now
                    position = max(position, at)
                }
            }
            if rows?.isEmpty != false { database.commits.wait(past: count, atMost: 0.05) }
        }
    }
}
