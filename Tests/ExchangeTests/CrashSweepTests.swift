import Composition
import Foundation
import Mailer
import Messaging
import Payouts
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

    /// A mail server that may die before or after it has taken a letter; remembers which it took, by `Message-ID`.
    final class FragileMail: MailTransport {
        let trigger: Trigger
        let taken = Mutex<[String: Int]>([:])
        let address = "smtp://mail.test:587"

        init(_ trigger: Trigger) { self.trigger = trigger }

        func send(from: String, to recipient: String, message: [UInt8]) throws -> Delivery {
            try trigger.pass()
            let lines = String(decoding: message, as: UTF8.self).components(separatedBy: "\r\n")
            let id = lines.first { $0.hasPrefix("Message-ID: ") } ?? ""
            taken.withLock { $0[id, default: 0] += 1 }
            try trigger.pass()
            return Delivery(.accepted, code: 250, words: "Taken")
        }
    }

    /// Where money and letters go.
    private struct Outside {
        let bank: SampleBank
        let mail: FragileMail
    }

    @Test("X40, X26, X27, X28: create, reassign, complete, close, pay and write come out the same, whichever call dies")
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
        let mail = FragileMail(trigger)
        let bank = Mutex<SampleBank?>(nil)
        let test = try TestExchange(
            faults: { _, _ in try trigger.pass() }, log: log,
            adjust: { parts, clock in
                let made = SampleBank(now: { clock.now })
                parts.provider = try HTTPProvider.sample(made, now: { clock.now }, fault: { try trigger.pass() })
                parts.mail = MailSettings(transport: mail)
                bank.withLock { $0 = made }
            })
        let outside = Outside(bank: try #require(bank.withLock { $0 }), mail: mail)
        let emma = try test.person("Emma Employee", "employee")
        let otto = try test.person("Otto Employee", "employee")
        let manager = try test.person("Mia Manager", "manager")
        try test.exchange.settle()
        for (person, number) in [(emma, "4111 1111 1111 1111"), (otto, "DE89 3704 0044 0532 0130 00")] {
            let answer = test.send(
                "PUT", "/api/accounts/me/destination", json: "{\"number\":\"\(number)\"}", as: person)
            #expect(answer.status == 200)
        }
        // One of the two is paid at once, the other one is only taken on.
        outside.bank.script([.pays, .accepts])
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
        // What was accepted is settled, a lost answer asked for, an interrupted letter tried again.
        for _ in 0..<4 {
            test.clock.advance(seconds: 900)
            for payout in try payouts(of: test, manager) { outside.bank.settle(payout, as: .paid) }
            try rest(test, trigger)
        }
        return (try outcome(of: test, people: [emma, otto], manager) + left(of: test, outside), calls)
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

    private func payouts(of test: TestExchange, _ manager: ID) throws -> [ID] {
        try test.send("GET", "/api/payouts", as: test.admin).json()["items"].list.compactMap {
            $0["payout"].text.flatMap { ID($0) }
        }
    }

    /// What has left the house: each payout once, and each letter at least once, at most twice.
    private func left(of test: TestExchange, _ outside: Outside) throws -> [String] {
        let items = try test.send("GET", "/api/payouts", as: test.admin).json()["items"].list
        let owed = items.compactMap { $0["payout"].text.flatMap { ID($0) } }.sorted()
        let letters = try test.send("GET", "/api/letters", as: test.admin).json()["items"].list
        let taken = outside.mail.taken.withLock { $0 }
        return [
            "payouts: \(items.allSatisfy { $0["state"].text == "paid" } ? "all paid" : "not all paid")",
            "moved: \(outside.bank.moved.map(\.payout).sorted() == owed ? "each once" : "not each once")",
            "letters: \(letters.allSatisfy { $0["state"].text == "sent" } ? "all sent" : "not all sent")",
            "taken: \(taken.count == letters.count ? "each" : "\(taken.count) of \(letters.count)")",
            "copies: \(taken.values.reduce(0, +) - taken.count < 2 ? "at most one" : "too many")",
        ]
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
