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

    /// Counts the calls, and crashes at the one that it is told to: from then on nothing answers until the restart.
    final class Trigger: Sendable {
        private struct State {
            var count = 0
            var at: Int?
            var isDead = false
        }
        private let state = Mutex(State())
        var count: Int { state.withLock { $0.count } }
        var isDead: Bool { state.withLock { $0.isDead } }

        func arm(at call: Int?) {
            state.withLock { $0 = State(at: call) }
        }

        func revive() {
            state.withLock { $0.isDead = false }
        }

        func pass() throws {
            let isDead = state.withLock { state in
                state.count += 1
                if state.count == state.at { state.isDead = true }
                return state.isDead
            }
            if isDead { throw Crash() }
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
        var differences: [String] = []
        for call in 1...calls {
            let outcome = try run(trigger, crashAt: call).outcome
            if outcome != expected { differences.append("call \(call): \(outcome) instead of \(expected)") }
        }
        #expect(differences.isEmpty, "\(differences.count) of \(calls), \(differences.prefix(5))")
    }

    /// The workload; each request is sent again with its key until it is answered, by a new process where the former
    /// one died. Returns what is left in the end, and
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
            try insist(
                test, trigger, "POST", "/api/tasks", json: "{\"title\":\"Task \(count)\"}", as: manager,
                key: "create-\(count)")
        }
        try rest(test, trigger)
        try insist(test, trigger, "POST", "/api/reassignments", as: manager, key: "reassign")
        try rest(test, trigger)
        let tasks = try insist(test, trigger, "GET", "/api/tasks", as: manager, key: "list").json()["items"].list
        for task in tasks.prefix(2) {
            guard let id = task["id"].text, let assignee = task["assignee"].text.flatMap({ ID($0) }) else { continue }
            try insist(
                test, trigger, "POST", "/api/tasks/\(id)/completion", as: assignee, key: "complete-\(id)")
        }
        try rest(test, trigger)
        test.clock.advance(seconds: 24 * 3600)
        try rest(test, trigger)
        let calls = trigger.count
        trigger.arm(at: nil)
        return (try outcome(of: test, people: [emma, otto], manager), calls)
    }

    /// What `verify` finds, and what must be the same whichever process did the work: who was dealt which task is drawn
    /// anew after a crash, so sums are not.
    private func outcome(of test: TestExchange, people: [ID], _ manager: ID) throws -> [String] {
        var summary = try test.findings()
        for filter in ["", "?status=done"] {
            let tasks = try test.send("GET", "/api/tasks\(filter)", as: manager).json()["items"].list
            summary.append("tasks\(filter): \(tasks.count)")
        }
        let presses = try test.send("GET", "/api/reassignments", as: manager).json()["items"].list
        summary.append("reassignments: \(presses.map { $0["state"].text ?? "" })")
        for person in people {
            let balance = try test.send("GET", "/api/accounts/\(person)", as: person).json()["balance"].number ?? 1
            summary.append(balance <= 0 ? "closed" : "open with \(balance)")
        }
        return summary
    }

    /// A new process on what the former one left.
    private func restart(_ test: TestExchange, _ trigger: Trigger) throws {
        trigger.revive()
        try test.restart()
    }

    @discardableResult
    private func insist(
        _ test: TestExchange, _ trigger: Trigger, _ method: String, _ path: String, json: String? = nil, as person: ID,
        key: String
    ) throws -> WebResponse {
        var answer = WebResponse(status: 0)
        for _ in 0..<5 {
            answer = test.send(method, path, json: json, as: person, key: key)
            guard trigger.isDead else { break }
            // Whatever it still said went nowhere.
            try restart(test, trigger)
        }
        #expect(answer.status < 300, "\(method) \(path): \(answer.status)")
        return answer
    }

    /// Steps until quiet, through a restart where it dies.
    private func rest(_ test: TestExchange, _ trigger: Trigger) throws {
        var quiet = 0
        for _ in 0..<2_000 {
            do {
                quiet = try test.exchange.step() ? 0 : quiet + 1
            } catch  where trigger.isDead {
                try restart(test, trigger)
                quiet = 0
            }
            if quiet == 2 { return }
        }
        Issue.record("the services did not come to rest")
    }
}
