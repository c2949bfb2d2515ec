import Composition
import Foundation
import Hosting
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

/// A task's whole way, through every service.
@Suite("Journeys", .onEachDatabase)
struct JourneyTests {
    @Test("X12, X21, X22, X24: created, charged, completed and rewarded, to the cent")
    func oneTask() throws {
        let test = try TestExchange()
        let emma = try test.person("Emma Employee", "employee")
        let task = try test.task("POP-42: Feed the cat", by: test.admin)
        try test.exchange.settle()
        let price = try test.send("GET", "/api/tasks/\(task)/price", as: test.admin).json()
        let fee = try #require(price["fee"].number)
        let reward = try #require(price["reward"].number)
        #expect((1_000...2_000).contains(fee) && fee % 100 == 0)
        #expect((2_000...4_000).contains(reward) && reward % 100 == 0)
        #expect(try test.send("GET", "/api/accounts/\(emma)", as: emma).json()["balance"].number == -fee)
        #expect(test.send("POST", "/api/tasks/\(task)/completion", as: emma).status == 201)
        try test.exchange.settle()
        #expect(try test.send("GET", "/api/accounts/\(emma)", as: emma).json()["balance"].number == reward - fee)
        let operations = try test.send("GET", "/api/accounts/\(emma)/operations", as: emma).json()["items"].list
        #expect(operations.count == 2)
        #expect(operations.allSatisfy { $0["title"].text == "Feed the cat" && $0["jira_id"].text == "POP-42" })
        #expect(try test.findings() == [])
    }

    @Test("X19: a file may name more people than one call registers")
    func manyNames() throws {
        let test = try TestExchange()
        _ = try test.person("Emma Employee", "employee")
        let lines = (0..<1200).map { "2026-01-01T00:00:00Z,Importer \($0),Feed cat \($0)\n" }
        var request = WebRequest(
            "POST", "/api/imports?name=many.csv", body: Array(("created_at,created_by,title\n" + lines.joined()).utf8),
            credential: .local(test.admin))
        request.headers.contentType = "text/csv"
        request.headers.idempotencyKey = "many"
        let id = try #require(test.exchange.respond(to: request).json()["id"].text)
        try test.exchange.settle()
        let state = try test.send("GET", "/api/imports/\(id)", as: test.admin).json()
        #expect(state["state"].text == "done" && state["created"].number == 1200, "\(state)")
    }

    @Test("X25, X26: a day ends at midnight; a positive balance is paid out, a negative one carried over")
    func close() throws {
        let test = try TestExchange(seed: 3)
        let people = try (1...4).map { try test.person("Worker \($0)", "employee") }
        var tasks: [ID] = []
        for count in 0..<40 { tasks.append(try test.task("Task \(count)", by: test.admin)) }
        try test.exchange.settle()
        for task in tasks.prefix(25) {
            let assignee = try #require(
                try test.send("GET", "/api/tasks/\(task)", as: test.admin).json()["assignee"].text.flatMap { ID($0) })
            #expect(test.send("POST", "/api/tasks/\(task)/completion", as: assignee).status == 201)
        }
        try test.exchange.settle()
        var before: [ID: Int64] = [:]
        for person in people {
            before[person] = try test.send("GET", "/api/accounts/\(person)", as: person).json()["balance"].number
        }
        test.clock.advance(seconds: 24 * 3600)
        try test.exchange.settle()
        for person in people {
            let after = try test.send("GET", "/api/accounts/\(person)", as: person).json()["balance"].number
            #expect(after == min(0, before[person] ?? 0))
        }
        #expect(before.values.contains { $0 > 0 }, "nobody was above zero: the seed proves nothing")
        #expect(try test.findings() == [])
    }

    @Test("X14, X15: everything open is dealt again; each move is charged, staying costs nothing")
    func reassign() throws {
        let test = try TestExchange(seed: 5)
        let people = try (1...3).map { try test.person("Worker \($0)", "employee") }
        let manager = try test.person("Mia Manager", "manager")
        for count in 0..<60 { _ = try test.task("Task \(count)", by: manager) }
        try test.exchange.settle()
        for _ in 0..<2 { #expect(test.send("POST", "/api/reassignments", as: manager).status < 300) }
        try test.exchange.settle()
        let operations = try people.map { person in
            try test.send("GET", "/api/accounts/\(person)", as: person).json()["operations"].number ?? 0
        }.reduce(0, +)
        // 60 creations and about two thirds of 120 draws.
        #expect((100...180).contains(operations))
        #expect(try test.findings() == [])
    }

    @Test("X43: Accounting is away, tasks go on, and the money is booked when it is back")
    func accountingAway() throws {
        let test = try TestExchange()
        let emma = try test.person("Emma Employee", "employee")
        for count in 0..<5 { _ = try test.task("Task \(count)", by: emma) }
        // Nothing is stepped: no event has moved, and the pages of tasks work.
        #expect(try test.send("GET", "/api/tasks", as: emma).json()["items"].list.count == 5)
        try test.exchange.settle()
        #expect(try test.send("GET", "/api/accounts/\(emma)", as: emma).json()["operations"].number == 5)
    }

    @Test("Answers to requests with a key are forgotten after seven days, in slices, by every service that keeps some")
    func forgetting() throws {
        let test = try TestExchange()
        let emma = try test.person("Emma Employee", "employee")
        func kept(_ service: String) throws -> Int {
            try #require(test.exchange.databases[service]).read {
                try $0.value("SELECT COUNT(*) FROM idempotency") ?? -1
            }
        }
        let database = try #require(test.exchange.databases["tracker"])
        let (now, ids) = (test.clock.now, (0..<2_500).map { _ in test.clock.environment.newID() })
        try database.write { transaction in
            try transaction.send(
                """
                INSERT INTO idempotency (person, key, endpoint, hash, status, headers, body, at)
                VALUES (?, ?, '', ?, 200, '', ?, ?)
                """, rows: ids.map { [$0.stored, .text($0.description), .blob([0]), .blob([]), now.stored] })
        }
        test.clock.advance(seconds: 7 * 86_400 - 60)
        _ = try test.task("Feed the cat", by: emma)
        try test.exchange.settle()
        #expect(try kept("tracker") == 2_501 && kept("identity") > 0)
        test.clock.advance(seconds: 120)
        try test.exchange.step()
        #expect(try kept("tracker") == 1_501, "a slice at a time")
        try test.exchange.settle()
        #expect(try kept("tracker") == 1, "the newest answer is not seven days old")
        #expect(try kept("identity") == 0 && kept("accounting") == 0)
    }

    @Test("Every service tells how far it is, the one that takes no events too")
    func figures() throws {
        let test = try TestExchange()
        for host in test.exchange.hosts { #expect(try host.figures().isQuiet, "\(host.service.name)") }
    }
}
