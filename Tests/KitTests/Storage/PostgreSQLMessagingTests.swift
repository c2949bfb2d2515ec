import Contracts
import Dispatch
import Hosting
import Messaging
import PostgreSQLDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Values

@Suite("PostgreSQL: journal, relay, subscription", .enabled(if: PostgreSQLFixture.isThere))
struct PostgreSQLMessagingTests {
    let fixture: PostgreSQLFixture
    var database: PostgreSQLDatabase { fixture.database }
    let clock = SteppedClock()
    let log = MemoryEventLog()
    let journal = Journal(topic: .tracker)

    init() throws {
        fixture = try PostgreSQLFixture()
        let effects = "CREATE TABLE effect (id BLOB PRIMARY KEY, task BLOB NOT NULL, title TEXT NOT NULL) STRICT"
        try fixture.database.migrate(
            [Migration(1, "messaging", [effects])], kit: KitSchema.migrations(Journal(topic: Trial.topic)),
            now: clock.now)
    }

    private func relay() -> Relay {
        Relay(journal: journal, database: database, log: log, environment: clock.environment, owner: .embedded)
    }

    private func append(_ count: Int, of tasks: [ID], titled title: String = "t") throws {
        let (journal, environment) = (journal, clock.environment)
        let person = environment.newID()
        for number in 0..<count {
            let event = TaskCreated(
                task: tasks[number % tasks.count], title: title, jiraID: nil, description: nil, assignee: person,
                creator: person, time: environment.now())
            let id = environment.newID()
            try database.write { try journal.append(event, id: id, at: environment.now(), trace: "", in: $0) }
        }
    }

    @Test("X40: events written by many threads are numbered once each, without a gap, by two relays at a time")
    func numbering() throws {
        let tasks = (0..<40).map { _ in clock.environment.newID() }
        let relays = [relay(), relay()]
        // A relay that connects while another one numbers would take the log for newer than the journal; leases see
        // to that, and here it is done beforehand.
        for relay in relays { try relay.connect() }
        DispatchQueue.concurrentPerform(iterations: 6) { thread in
            #expect(throws: Never.self) {
                if thread < 4 {
                    try append(50, of: tasks)
                } else {
                    for _ in 0..<50 { _ = try relays[thread - 4].step() }
                }
            }
        }
        for relay in relays { while case .more = try relay.step() {} }
        let rows = try database.read { transaction in
            try transaction.fetch(
                "SELECT partition, MIN(number), MAX(number), COUNT(number), COUNT(*) FROM journal GROUP BY partition"
            )
            .map { row in try (0..<5).map { try row($0, as: Int64.self) } }
        }
        #expect(rows.map { $0[4] }.reduce(0, +) == 200)
        for row in rows {
            #expect(row[1] == 1 && row[2] == row[3] && row[3] == row[4])
            // Two relays may publish out of turn and twice; whoever reads goes by the numbers.
            let partition = Int(row[0])
            let numbers = Set(log.contents(of: .tracker).filter { $0.partition == partition }.map(\.number))
            #expect(numbers == Set(1...row[2]))
        }
    }

    @Test("X41: each event has its effect once, and one that fails is parked, with later ones of its key behind it")
    func subscription() throws {
        let (good, bad) = (clock.environment.newID(), clock.environment.newID())
        try append(3, of: [good])
        try append(1, of: [bad], titled: "wrong")
        try append(2, of: [bad])
        let relay = relay()
        while case .more = try relay.step() {}
        let accepting = Meeting(of: 0)
        let reaction = Reaction(to: TaskCreated.self) { event, envelope, transaction in
            struct Wrong: Error {}
            try transaction.send(
                "INSERT INTO effect (id, task, title) VALUES (\(envelope.id), \(event.task), \(event.title))")
            if event.title == "wrong" && accepting.arrivals == 0 { throw Wrong() }
        }
        let subscription = Subscription(
            service: "test", topic: .tracker, reactions: [reaction], database: database, log: log,
            environment: clock.environment, owner: .embedded)
        while case .more = try subscription.step() {}
        #expect(try database.number("SELECT COUNT(*) FROM effect WHERE task = \(good)") == 3)
        #expect(try database.number("SELECT COUNT(*) FROM effect WHERE task = \(bad)") == 0)
        #expect(try database.number("SELECT COUNT(*) FROM parked WHERE discarded_at IS NULL") == 3)
        accepting.arrive()
        clock.advance(seconds: 5)
        while case .more = try subscription.retryParked() {}
        #expect(try database.number("SELECT COUNT(*) FROM effect WHERE task = \(bad)") == 3)
        #expect(try database.number("SELECT COUNT(*) FROM parked") == 0)

        // Another one, from the same checkpoints, finds nothing left to do.
        let second = Subscription(
            service: "test", topic: .tracker, reactions: [reaction], database: database, log: log,
            environment: clock.environment, owner: .embedded)
        while case .more = try second.step() {}
        #expect(try database.number("SELECT COUNT(*) FROM effect") == 6)
    }
}
