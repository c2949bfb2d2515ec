import Accounting
import Contracts
import Directory
import Foundation
import Hosting
import Ledger
import Logging
import Messaging
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// Accounting's own statements on PostgreSQL: booked, looked at, corrected, closed, verified.
@Suite("Accounting on PostgreSQL", .enabled(if: PostgreSQLFixture.isThere))
struct LedgerAccountingTests {
    let fixture: PostgreSQLFixture
    let clock = SteppedClock(seed: 5)
    let service: AccountingService
    let people: [ID]

    init() throws {
        fixture = try PostgreSQLFixture()
        let (clock, database) = (clock, fixture.database)
        service = AccountingService(
            company: .test(), secret: Array(repeating: 3, count: 32), codes: .trial, environment: clock.environment)
        try database.migrate(for: service, now: clock.now)
        try service.prepare(database, clock.environment)
        let people = (0..<5).map { _ in clock.environment.newID() }
        self.people = people
        let registered = try people.enumerated().map { index, id in
            try LedgerAccountingTests.envelope(
                PersonRegistered(
                    person: Person(
                        id: id, name: "P\(index)", email: "\(index)@popug.test", roles: [Role.accountant], active: true)
                ),
                clock)
        }
        try LedgerAccountingTests.apply(registered, service, database)
    }

    static func envelope<E: Event>(_ event: E, _ clock: SteppedClock) throws -> Envelope {
        Envelope(
            id: clock.environment.newID(), topic: E.topic.name, name: E.name, version: E.version, key: event.key,
            time: clock.now, trace: "test", data: try event.data())
    }

    static func apply(_ envelopes: [Envelope], _ service: AccountingService, _ database: any Database) throws {
        for reaction in service.reactions where envelopes.contains(where: { reaction.topic.name == $0.topic }) {
            try database.write { try reaction.apply(envelopes, $0) }
        }
    }

    @Test("X20 to X26: booked, shown, corrected, closed and verified")
    func wholeDay() throws {
        let database = fixture.database
        var envelopes: [Envelope] = []
        for index in 0..<300 {
            let (task, person) = (clock.environment.newID(), people[index % 4])
            envelopes.append(
                try LedgerAccountingTests.envelope(
                    TaskCreated(
                        task: task, title: "Task \(index)", jiraID: nil, description: nil, assignee: person,
                        creator: person, time: clock.now), clock))
            if index % 4 == 0 {
                envelopes.append(
                    try LedgerAccountingTests.envelope(
                        TaskCompleted(
                            task: task, title: "Task \(index)", jiraID: nil, assignee: person, time: clock.now),
                        clock))
            }
        }
        for _ in 0..<2 { try LedgerAccountingTests.apply(envelopes, service, database) }
        try look()
        let second = people[1]
        let account = try database.read { try Ledger.account(second, in: $0) }
        let head = try #require(account?.head)
        let body = "{\"entry\":\"\(head)\",\"sum\":100,\"reason\":\"twice\"}"
        #expect(try ask("POST", "/api/accounts/\(people[1])/corrections", body).status == 201)
        clock.advance(seconds: 86_400 * 3)
        let job = try #require(service.jobs.first)
        while try job.step(database, clock.environment) == .more {}
        #expect(try database.number("SELECT COUNT(*) FROM day_close WHERE sealed_at IS NOT NULL") == 3)
        try look()
        clock.advance(seconds: 86_400 * 9)
        #expect(try job.step(database, clock.environment) == .idle)
        let day = Company.test().calendar.day(of: clock.now)
        #expect(try ask("POST", "/api/day-closes/\(day)/confirmation", "").status == 201)
        while try job.step(database, clock.environment) == .more {}
        let checks = service.checks
        let problems = try database.read { transaction in
            var findings = Findings()
            for check in checks { try check.run(Snapshots(["accounting": transaction]), &findings) }
            return findings.problems
        }
        #expect(problems == [])
    }

    private func look() throws {
        for target in [
            "/account", "/account?day=2026-03-02", "/accounts", "/accounts?name=p", "/accounts/\(people[1])", "/money",
            "/money/days.csv", "/close", "/api/accounts", "/api/accounts/me", "/api/accounts/me/operations",
            "/api/accounts/\(people[0])/operations?day=2026-03-02&limit=3", "/api/company-money", "/api/day-closes",
            "/api/day-closes/next", "/accounting/fragments/today", "/account/2026-03-02/statement.csv",
        ] {
            #expect(try ask("GET", target).status == 200, "\(target)")
        }
    }

    private func ask(_ method: String, _ target: String, _ body: String = "") throws -> WebResponse {
        let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: .test())
        let entrance = try Entrance(
            EndpointRunner(
                service: "accounting", endpoints: service.endpoints, database: fixture.database,
                context: .init(
                    environment: clock.environment, company: .test(), pages: pages,
                    secret: Array(repeating: 3, count: 32),
                    log: Logger(label: "test"))))
        let headers = WebRequest.Headers(
            contentType: "application/json", idempotencyKey: method == "POST" ? target : nil)
        return entrance.runNow(
            WebRequest(method, target, headers: headers, body: Array(body.utf8), credential: .local(people[0])))
    }
}
