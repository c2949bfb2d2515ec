import Analytics
import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import Storage
import TestKit
import Testing
import Values
import Web

/// Analytics' figures on both databases: the same events, the same digest.
@Suite("PostgreSQL: figures", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLAnalyticsTests {
    @Test("X33: figures, a rebuild and every page come out the same on PostgreSQL as on SQLite")
    func same() throws {
        let fixture = try PostgreSQLFixture()
        let ours = try outcome(on: fixture.database)
        let reference = try outcome(on: SQLiteDatabase.inline(name: "analytics"))
        #expect(ours == reference)
        #expect(reference.count == 9)
    }

    /// The digests of a rebuild in the middle of the events, and what the look-ups say in the end.
    private func outcome(on database: any Database) throws -> [String] {
        let clock = SteppedClock()
        let log = MemoryEventLog()
        let service = AnalyticsService(log: log, slice: 30)
        let host = ServiceHost(service, database: database, log: log, environment: clock.environment)
        try host.prepare()
        let people = (0..<4).map { _ in clock.environment.newID() }
        try database.write { transaction in
            let admin = Person(id: people[0], name: "Ada", email: "a@popug.test", roles: [Role.admin], active: true)
            try Directory.put(admin, in: transaction)
        }
        let company = Company.test()
        let entrance = try Entrance(
            EndpointRunner(
                service: "analytics", endpoints: service.endpoints, database: database,
                context: .init(
                    environment: clock.environment, company: company,
                    pages: try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company),
                    secret: [UInt8](repeating: 1, count: 32), log: Logger(label: "test"))))
        func ask(_ method: String, _ target: String) -> WebResponse {
            var request = WebRequest(method, target, credential: .local(people[0]))
            request.headers.idempotencyKey = "key"
            return entrance.runNow(request)
        }
        let events = try events(of: people, clock)
        try log.publish(Array(events.prefix(150)), to: .accounting)
        while try host.step() {}
        #expect(ask("POST", "/api/analytics/rebuilds").status == 201)
        try log.publish(Array(events.dropFirst(150)), to: .accounting)
        while try host.step() {}
        struct Rebuilds: Decodable {
            struct Rebuild: Decodable {
                let digest_before: String?
                let digest_after: String?
            }
            let items: [Rebuild]
        }
        let rebuilds = try JSONDecoder().decode(
            Rebuilds.self, from: Data(ask("GET", "/api/analytics/rebuilds").body))
        let rebuild = try #require(rebuilds.items.first)
        #expect(rebuild.digest_before == rebuild.digest_after)
        let range = "from=2026-02-20&to=2026-03-10"
        let targets = [
            "/api/analytics", "/api/analytics/days?\(range)", "/api/analytics/below-zero",
            "/api/analytics/people?day=2026-03-03", "/api/analytics/people/\(people[1])/operations?day=2026-03-03",
            "/analytics/income.csv?\(range)", "/analytics/people.csv?day=2026-03-02",
            "/api/analytics/dearest?period=month&date=2026-03-01",
        ]
        return [rebuild.digest_after ?? "none"]
            + targets.map { target in
                let answer = ask("GET", target)
                #expect(answer.status == 200, "\(target): \(answer.text)")
                return answer.text
            }
    }

    private func events(of people: [ID], _ clock: SteppedClock) throws -> [Envelope] {
        var numbers: [Int: Int64] = [:]
        var balances: [ID: Int64] = [:]
        func envelope<E: Event>(_ event: E) throws -> Envelope {
            let partition = event.key.partition(of: Topic.partitions)
            numbers[partition, default: 0] += 1
            return Envelope(
                id: clock.environment.newID(), topic: E.topic.name, name: E.name, version: E.version, key: event.key,
                time: clock.now, trace: "test", data: try event.data(), partition: partition,
                number: numbers[partition, default: 0])
        }
        var events: [Envelope] = []
        for index in 0..<240 {
            clock.advance(seconds: 11)
            let day = Day(number: 20_514 + index / 60)
            let person = people[index % 4]
            let sum = Int64(1000 + index * 7 % 13 * 100)
            let gain = index % 3 == 0 ? sum : -sum
            balances[person, default: 0] += gain
            let operation = Contracts.Operation(
                task: clock.environment.newID(), title: "Task \(index)", jiraID: index % 2 == 0 ? "POP-1" : nil,
                person: person, sum: Cents(sum), balance: Cents(balances[person] ?? 0), day: day, time: clock.now)
            events.append(
                gain > 0
                    ? try envelope(EmployeeRewarded(operation: operation))
                    : try envelope(EmployeeCharged(operation: operation)))
            guard index % 60 == 59 else { continue }
            for person in people {
                let closing = balances[person] ?? 0
                let paid = max(0, closing)
                balances[person] = closing - paid
                events.append(
                    try envelope(
                        DayClosed(
                            person: person, day: day, opening: .zero, closing: Cents(closing), paid: Cents(paid),
                            operations: 15, time: clock.now)))
            }
            events.append(
                try envelope(
                    DaySealed(
                        installation: ID(high: 9, low: 9), day: day, accounts: 4, operations: 60, seal: "00",
                        time: clock.now)))
        }
        return events
    }
}
