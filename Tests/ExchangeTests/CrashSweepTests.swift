import Composition
import Foundation
import Messaging
import SQLiteDriver
import Synchronization
import TestKit
import Testing
import Web
import Values

/// A crash at every single storage and log call of a short workload, one at a time: the first stone of the simulator.
@Suite("Crash sweep")
struct CrashSweepTests {
    struct Crash: Error {}

    /// Counts the calls, and fails the one that it is told to.
    final class Trigger: Sendable {
        private let state = Mutex<(count: Int, at: Int?)>((0, nil))
        var count: Int { state.withLock { $0.count } }

        func arm(at call: Int?) {
            state.withLock { $0 = (0, call) }
        }

        func pass() throws {
            let crash = state.withLock { state in
                state.count += 1
                return state.count == state.at
            }
            if crash { throw Crash() }
        }
    }

    /// A log that may die before or after it has stored what it was given.
    struct FragileLog: EventLog {
        let log: any EventLog
        let trigger: Trigger

        func publish(_ envelopes: [Envelope], to topic: Topic) throws {
            try trigger.pass()
            try log.publish(envelopes, to: topic)
            try trigger.pass()
        }

        func tail(of topic: Topic, partition: Int) throws -> Int64 {
            try trigger.pass()
            return try log.tail(of: topic, partition: partition)
        }

        func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
            try trigger.pass()
            return try log.reader(of: topic, after: numbers)
        }
    }

    @Test("X40, X26: create, reassign, complete and close come out the same, whichever call dies")
    func sweep() throws {
        let trigger = Trigger()
        let (expected, calls) = try run(trigger, crashAt: nil)
        #expect(calls > 200)
        // Every call where there are few; evenly spread ones where there are many, so that the time stays bounded.
        let stride = max(1, calls / 600)
        var differences: [String] = []
        for call in Swift.stride(from: 1, through: calls, by: stride) {
            let outcome = try run(trigger, crashAt: call).outcome
            if outcome != expected { differences.append("call \(call): \(outcome) instead of \(expected)") }
        }
        #expect(differences.isEmpty, "\(differences.prefix(5))")
    }

    /// The workload; each request is sent again with its key until it is answered. Returns what is left in the end, and
    /// how many calls it took.
    private func run(_ trigger: Trigger, crashAt call: Int?) throws -> (outcome: [String], calls: Int) {
        trigger.arm(at: nil)
        let log = FragileLog(log: MemoryEventLog(), trigger: trigger)
        let test = try TestExchange(faults: { _, _ in try trigger.pass() }, log: log)
        let emma = try test.person("Emma Employee", "employee")
        let otto = try test.person("Otto Employee", "employee")
        let manager = try test.person("Mia Manager", "manager")
        trigger.arm(at: call)
        for count in 0..<3 {
            insist(
                test, "POST", "/api/tasks", json: "{\"title\":\"Task \(count)\"}", as: manager, key: "create-\(count)")
        }
        rest(test)
        insist(test, "POST", "/api/reassignments", json: nil, as: manager, key: "reassign")
        rest(test)
        let tasks = try insist(test, "GET", "/api/tasks", json: nil, as: manager, key: "list").json()["items"].list
        for task in tasks.prefix(2) {
            guard let id = task["id"].text, let assignee = task["assignee"].text.flatMap({ ID($0) }) else { continue }
            insist(test, "POST", "/api/tasks/\(id)/completion", json: nil, as: assignee, key: "complete-\(id)")
        }
        rest(test)
        test.clock.advance(seconds: 24 * 3600)
        rest(test)
        let calls = trigger.count
        trigger.arm(at: nil)
        var summary = try test.findings()
        summary.append("tasks \(try test.send("GET", "/api/tasks", as: manager).json()["items"].list.count)")
        summary.append(
            "done \(try test.send("GET", "/api/tasks?status=done", as: manager).json()["items"].list.count)")
        for person in [emma, otto] {
            let balance = try test.send("GET", "/api/accounts/\(person)", as: person).json()["balance"].number ?? 1
            summary.append(balance <= 0 ? "closed" : "open with \(balance)")
        }
        return (summary, calls)
    }

    @discardableResult
    private func insist(
        _ test: TestExchange, _ method: String, _ path: String, json: String?, as person: ID, key: String
    ) -> WebResponse {
        var answer = WebResponse(status: 0)
        for _ in 0..<5 {
            answer = test.send(method, path, json: json, as: person, key: key)
            if answer.status < 500 { return answer }
        }
        Issue.record("\(method) \(path) was never answered")
        return answer
    }

    /// Steps until quiet; a step that dies is taken again, as a restarted process would.
    private func rest(_ test: TestExchange) {
        var quiet = 0
        for _ in 0..<2_000 {
            do { quiet = try test.exchange.step() ? 0 : quiet + 1 } catch { quiet = 0 }
            if quiet == 2 { return }
        }
        Issue.record("the services did not come to rest")
    }
}
