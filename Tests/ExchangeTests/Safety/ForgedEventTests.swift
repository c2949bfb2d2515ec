import Composition
import Contracts
import Directory
import Foundation
import Messaging
import SQLiteDriver
import Schemas
import Storage
import TestKit
import Testing
import Values
import Web

/// What security finding H3 did: rows written into the event log, and into journals, by somebody who has the files or the
/// broker and not the secret.
@Suite("X60: forged events")
struct ForgedEventTests {
    private let test: TestExchange
    private let log: SQLiteEventLog
    private let emma: ID
    private let abe: ID

    init() throws {
        let log = try SQLiteEventLog.memory(codes: .trial(acceptsMissing: false), now: SteppedClock().now)
        self.log = log
        test = try TestExchange(log: log)
        abe = try test.person("Abe", Role.accountant)
        emma = try test.person("Emma", Role.employee)
    }

    /// Writes a row with the next number of its partition, as the reader of a topic would take it.
    private func forge(_ event: some Event) throws {
        let topic = type(of: event).topic
        let partition = event.key.partition(of: Topic.partitions)
        let number = try log.tail(of: topic, partition: partition) + 1
        let data = try event.data()
        let (id, now) = (test.clock.environment.newID(), test.clock.now)
        try log.database.write { transaction in
            try transaction.send("INSERT INTO topic (name) VALUES (\(topic.name)) ON CONFLICT (name) DO NOTHING")
            let place: Int64? = try transaction.value("SELECT id FROM topic WHERE name = \(topic.name)")
            try transaction.send(
                """
                INSERT INTO event (topic, partition, number, id, key, name, version, time, trace, data)
                VALUES (\(place.stored), \(partition), \(number), \(id), \(event.key), \(type(of: event).name), 1,
                    \(now), 'x', \(data))
                """)
        }
    }

    private func count(_ table: String, in service: String) throws -> Int? {
        try test.exchange.databases[service]?.read {
            try $0.value(SQL(text: "SELECT COUNT(*) FROM \(table)", values: []))
        }
    }

    private func roles(_ person: ID, in service: String) throws -> Set<String>? {
        try test.exchange.databases[service]?.read { try Directory.person(person, in: $0)?.roles }
    }

    @Test(
        "Nobody is paid, gets a role or a key; it is an alarm; what is true gets through, and the next start is allowed"
    )
    func embedded() throws {
        let promoted = Person(
            id: emma, name: "Emma", email: "emma@example.com", roles: [Role.accountant, Role.admin], active: true)
        let payout = test.clock.environment.newID()
        try forge(
            PayoutRequested(
                payout: payout, person: emma, day: Day("2026-03-02") ?? Day(number: 0), sum: .units(999_999),
                time: test.clock.now))
        try forge(PersonChanged(person: promoted))
        try forge(
            KeysChanged(
                installation: test.exchange.company.installation,
                keys: [.init(id: "k", publicKey: "BAEC", until: test.clock.now.adding(seconds: 1_000_000))]))
        try test.exchange.settle()
        for service in Services.names where service != "identity" {
            #expect(try roles(emma, in: service) == [Role.employee], "\(service)")
        }
        #expect(try count("payout", in: "payouts") == 0)
        let services = test.send("GET", "/api/services", as: test.admin).text
        #expect(services.contains("had no right code"))
        // What is true, and has the same numbers.
        let changed = test.send(
            "PATCH", "/api/people/\(emma)", json: #"{"roles":["employee","manager"]}"#, as: test.admin)
        #expect(changed.status == 200)
        let task = try test.task("Feed the cat", by: emma)
        try test.exchange.settle()
        for service in Services.names where service != "identity" {
            #expect(try roles(emma, in: service) == [Role.employee, Role.manager], "\(service)")
        }
        #expect(try count("entry", in: "accounting") == 1)
        try test.restart()
        try test.exchange.settle()
        #expect(test.send("GET", "/api/tasks/\(task)", as: emma).status == 200)
        // What lies in the log with numbers that nothing true has taken is named, and nothing else. No key is ever the
        // second of its partition here; a payout's number may be taken by a charge, as partitions are drawn.
        let findings = try test.findings()
        let named = findings.map { finding in
            ["keys-changed.1", "payout-requested.1"].first { finding.contains("event log: \($0)") }
        }
        #expect(named.contains("keys-changed.1") && !named.contains(nil) && named.count <= 2, "\(findings)")
    }

    @Test("A row planted in a journal is not relayed, is an alarm, and verify names it")
    func journal() throws {
        let now = test.clock.now
        let payout = PayoutRequested(
            payout: test.clock.environment.newID(), person: emma, day: Day("2026-03-02") ?? Day(number: 0),
            sum: .units(999_999), time: now)
        let (id, data) = (test.clock.environment.newID(), payout.data())
        let accounting = try #require(test.exchange.databases["accounting"])
        try accounting.write { [emma] transaction in
            try transaction.send(
                """
                INSERT INTO journal (id, key, partition, name, version, time, trace, data)
                VALUES (\(id), \(emma), \(emma.partition(of: Topic.partitions)), 'payout-requested', 1, \(now), 'x',
                    \(data))
                """)
        }
        try test.exchange.settle()
        #expect(try count("payout", in: "payouts") == 0)
        #expect(test.send("GET", "/api/services", as: test.admin).text.contains("had no right code"))
        let findings = try test.findings()
        #expect(findings.contains { $0.contains("\(id)") && $0.contains("written by somebody without the secret") })
        // The page about it opens.
        #expect(test.send("GET", "/operations/events/\(id)", as: test.admin).status == 303)
        let answer = test.send("GET", "/operations/events/\(id)", as: test.admin)
        let place = try #require(answer.headers.first { $0.name.lowercased() == "location" }?.value)
        #expect(test.send("GET", place, as: test.admin).text.contains("no valid code"))
    }
}
