import Analytics
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Values
import Web

/// A rebuild of all figures from a million events of Accounting in the event log, digests included. The reference is a
/// bare loop over the C interface that writes rows of the same shape with the same indexes, and reads nothing.
enum AnalyticsBenchmark {
    /// The number that `POPUG_BENCH_EVENTS` gives, if it is set: for trying it out.
    static let events = ProcessInfo.processInfo.environment["POPUG_BENCH_EVENTS"].flatMap { Int($0) } ?? 1_000_000
    static let people = 1_400
    /// On each day: operations, then a close for each person.
    static let eventsADay = 4_000
    static let slice = 2_000
    static let firstDay = 20_000

    static func run() throws -> [Figure] {
        let ours = try Ours()
        try ours.fill()
        let live = try seconds { try ours.follow() }
        let rebuild = try seconds { try ours.rebuild() }
        let raw = try Raw()
        let reference = try seconds { try raw.write() }
        let count = Double(events)
        return [
            .rate(
                "analytics: rebuild from \(events) events", count / rebuild, unit: "events/s",
                reference: count / reference, atLeast: 0.2),
            .rate(
                "analytics: the same events as they come", count / live, unit: "events/s",
                reference: count / reference, atLeast: 0.2),
        ]
    }

    /// The `index`th event: the person, the day, and whether it is the close of that person's day.
    private static func place(_ index: Int) -> (person: Int, day: Int, isClose: Bool) {
        let inDay = index % eventsADay
        let operations = eventsADay - people
        let isClose = inDay >= operations
        return (isClose ? inDay - operations : inDay * 7 % people, firstDay + index / eventsADay, isClose)
    }

    private final class Ours {
        let folder: TemporaryFolder
        let clock = SteppedClock()
        let log: SQLiteEventLog
        let database: SQLiteDatabase
        let host: ServiceHost
        let entrance: Entrance
        let admin: ID
        let people: [ID]

        init() throws {
            folder = try TemporaryFolder()
            log = try SQLiteEventLog(path: folder.path + "/log.sqlite", codes: .trial, now: clock.now)
            database = try SQLiteDatabase(path: folder.path + "/analytics.sqlite", name: "analytics")
            let service = AnalyticsService(log: log)
            let logger = Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
            host = ServiceHost(
                service, database: database, log: log, environment: clock.environment, logger: logger)
            try host.prepare()
            people = (0..<AnalyticsBenchmark.people).map { [clock] _ in clock.environment.newID() }
            admin = people[0]
            let company = Company.test()
            let pages = try PageRenderer(sets: [service.pages], navigation: service.navigation, company: company)
            entrance = try Entrance(
                EndpointRunner(
                    service: "analytics", endpoints: service.endpoints, database: database,
                    context: .init(
                        environment: clock.environment, company: company, pages: pages,
                        secret: [UInt8](repeating: 1, count: 32), log: logger)))
            let person = Person(id: admin, name: "Ada", email: "ada@example.com", roles: [Role.admin], active: true)
            try database.write { try Directory.put(person, in: $0) }
        }

        deinit {
            database.close()
            log.close()
        }

        /// Puts the events into the log, as Accounting's relay would.
        func fill() throws {
            var numbers = [Int64](repeating: 0, count: Topic.partitions)
            var start = 0
            while start < events {
                clock.advance(milliseconds: 10)
                let envelopes = (start..<min(start + slice, events)).map { envelope($0, &numbers) }
                try log.publish(envelopes, to: Topic("accounting"))
                start += slice
            }
        }

        private func envelope(_ index: Int, _ numbers: inout [Int64]) -> Envelope {
            let (number, day, isClose) = place(index)
            let person = people[number]
            let partition = person.partition(of: Topic.partitions)
            numbers[partition] += 1
            let date = Day(number: day)
            let data =
                isClose
                ? """
                {"closing":\(index % 900),"day":"\(date)","opening":0,"operations":2,"paid":\(index % 900),\
                "person":"\(person)","time":"2026-03-02T23:00:00Z"}
                """
                : """
                {"balance":\(index % 5000 - 2500),"day":"\(date)","jira_id":"POP-42","person":"\(person)",\
                "sum":\(1000 + index % 3000),"task":"\(people[index % 1000])","time":"2026-03-02T09:00:00Z",\
                "title":"Feed the cat and tell it about the day"}
                """
            let name = isClose ? "day-closed" : index % 2 == 0 ? "employee-charged" : "employee-rewarded"
            return Envelope(
                id: clock.environment.newID(), topic: "accounting", name: name, version: 1, key: person,
                time: clock.now, trace: "bench", data: Array(data.utf8), partition: partition,
                number: numbers[partition]
            ).coded
        }

        /// Applies all events.
        func follow() throws {
            while try host.step() {}
        }

        func rebuild() throws {
            var request = WebRequest("POST", "/api/analytics/rebuilds", credential: .local(admin))
            request.headers.idempotencyKey = "bench"
            let begun = entrance.runNow(request)
            guard begun.status == 201 else { throw RawError(message: begun.text) }
            while try host.step() {
                let state = entrance.runNow(WebRequest("GET", "/api/analytics/rebuilds", credential: .local(admin)))
                if state.text.contains("\"state\":\"done\"") { return }
            }
        }
    }

    /// Rows of the same shape, made with as little work as possible.
    private final class Raw {
        let folder: TemporaryFolder
        let database: RawSQLite
        let clock = SteppedClock(seed: 2)
        let people: [[UInt8]]

        init() throws {
            folder = try TemporaryFolder()
            database = try RawSQLite(path: folder.path + "/raw.sqlite")
            people = (0..<AnalyticsBenchmark.people).map { [clock] _ in clock.environment.newID().bytes }
            for statement in AnalyticsService(log: MemoryEventLog()).steps.flatMap(\.statements) {
                try database.execute(statement)
            }
        }

        func write() throws {
            for start in stride(from: 0, to: events, by: slice) {
                try database.execute("BEGIN IMMEDIATE")
                var lines: Set<[Int]> = []
                for index in start..<min(start + slice, events) {
                    let (person, day, isClose) = place(index)
                    lines.insert([day, person])
                    if !isClose { try operation(index, person, day) }
                }
                for line in lines.sorted(by: { $0.lexicographicallyPrecedes($1) }) { try sums(line[1], line[0]) }
                try database.execute("COMMIT")
            }
        }

        private func operation(_ index: Int, _ person: Int, _ day: Int) throws {
            try database.run(
                "INSERT INTO operation VALUES (1, ?, ?, ?, ?, 'fee', 1500, 0, ?, ?, 'POP-42', NULL, 1772442000000)",
                [
                    .integer(Int64(day)), .blob(people[person]), .integer(Int64(index)),
                    .blob(clock.environment.newID().bytes), .blob(people[person]),
                    .text("Feed the cat and tell it about the day"),
                ])
        }

        private func sums(_ person: Int, _ day: Int) throws {
            try database.run(
                """
                INSERT INTO person_day VALUES (1, ?, ?, 1, 1, 1, 0, 0, 0, 1) ON CONFLICT (generation, day, person) \
                DO UPDATE SET operations = operations + 1, charged = charged + 1, balance = excluded.balance
                """, [.integer(Int64(day)), .blob(people[person])])
            try database.run(
                """
                INSERT INTO person_balance VALUES (1, ?, -1, 1) ON CONFLICT (generation, person) \
                DO UPDATE SET balance = excluded.balance, number = excluded.number
                """, [.blob(people[person])])
        }
    }
}
