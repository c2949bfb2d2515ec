import Composition
import Foundation
import TestKit
import Testing
import Values
import Web

/// Analytics beside the Accounting that it listens to.
@Suite("Journeys: analytics")
struct AnalyticsJourneyTests {
    @Test("X25, X30, X31: analytics says what Accounting says, to the cent, and a day is final after its close")
    func agreement() throws {
        let test = try TestExchange(seed: 5)
        let people = try (1...4).map { try test.person("Worker \($0)", "employee") }
        try work(test, tasks: 30, done: 18)
        let entry = try #require(
            try people.lazy.compactMap { person in
                try test.send("GET", "/api/accounts/\(person)/operations", as: person).json()["items"].list.first
                    .flatMap { $0["entry"].text }.map { (person, $0) }
            }.first)
        let corrected = test.send(
            "POST", "/api/accounts/\(entry.0)/corrections",
            json: "{\"entry\":\"\(entry.1)\",\"sum\":-1234,\"reason\":\"by hand\"}", as: test.admin)
        #expect(corrected.status == 201, "\(corrected.text)")
        try test.exchange.settle()
        let today = try agree(test)
        #expect(today["state"].text == "open")
        test.clock.advance(seconds: 24 * 3600)
        try test.exchange.settle()
        try work(test, tasks: 10, done: 5)
        try agree(test)
        let day = try #require(today["day"].text)
        let past = try test.send("GET", "/api/analytics/days?from=\(day)&to=\(day)", as: test.admin).json().list[0]
        #expect(past["state"].text == "final" && past["operations"] == past["operations_at_close"])
        #expect(past["income"] == today["income"])
        let below = try test.send("GET", "/api/analytics/below-zero", as: test.admin).json()["items"].list
        let accounts = try test.send("GET", "/api/accounts", as: test.admin).json()["items"].list
        #expect(
            Set(below.map { "\($0["person"].text ?? "") \($0["balance"].number ?? 0)" })
                == Set(
                    accounts.filter { ($0["balance"].number ?? 0) < 0 }.map {
                        "\($0["person"].text ?? "") \($0["balance"].number ?? 0)"
                    }))
        #expect(test.send("POST", "/api/analytics/rebuilds", as: test.admin).status == 201)
        try test.exchange.settle()
        let rebuild = try test.send("GET", "/api/analytics/rebuilds", as: test.admin).json()["items"].list[0]
        #expect(rebuild["state"].text == "done" && rebuild["digest_before"] == rebuild["digest_after"])
        #expect(try test.findings() == [])
    }

    /// The open day as both see it.
    @discardableResult
    private func agree(_ test: TestExchange) throws -> JSONValue {
        let theirs = try test.send("GET", "/api/company-money", as: test.admin).json()["today"]
        let ours = try test.send("GET", "/api/analytics", as: test.admin).json()["today"]
        for field in ["day", "fees", "rewards", "income", "operations"] {
            #expect(ours[field] == theirs[field], "\(field)")
        }
        return ours
    }

    private func work(_ test: TestExchange, tasks: Int, done: Int) throws {
        let created = try (0..<tasks).map { try test.task("Task \($0)", by: test.admin) }
        try test.exchange.settle()
        for task in created.prefix(done) {
            let assignee = try #require(
                try test.send("GET", "/api/tasks/\(task)", as: test.admin).json()["assignee"].text.flatMap { ID($0) })
            #expect(test.send("POST", "/api/tasks/\(task)/completion", as: assignee).status == 201)
        }
        try test.exchange.settle()
    }
}
