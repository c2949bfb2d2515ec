import Accounting
import Contracts
import Foundation
import Hosting
import Ledger
import Messaging
import SQLiteDriver
import Schemas
import ServiceKit
import Storage
import TestKit
import Testing
import Values
import Web

/// `task-created` goes from version 1 to version 2, as docs/events.md has it: each step with the programs that run then.
@Suite("From one version of an event to the next")
struct MigrationTests {
    let world: MigrationWorld

    init() throws { world = try MigrationWorld() }

    @Test("X44: producer first: old consumers go on while the producer moves, nothing is charged twice or left out")
    func producerFirst() throws {
        // Everything is old.
        try world.tellOld("[POP-1] - Feed the cat")
        try world.rest(world.oldConsumer)
        try expectCharged()
        // The new Tracker writes both versions; Accounting is still the old program.
        try world.tellNew(both: true, "Wash the dog", "POP-2")
        try world.rest(world.oldConsumer)
        try expectCharged()
        // The new Accounting goes on, over what the old one left and what comes.
        try world.rest(world.newConsumer)
        try world.tellNew(both: true, "Paint the fence", "POP-3")
        try world.rest(world.newConsumer)
        try expectCharged()
        // No program reads version 1 any more: it is not written any more.
        try world.tellNew(both: false, "Sing", nil)
        try world.rest(world.newConsumer)
        try expectCharged()
        try expectTitles([
            "Feed the cat": "POP-1", "Wash the dog": "POP-2", "Paint the fence": "POP-3", "Sing": nil,
        ])
    }

    @Test("X44: consumers first: the new one understands version 1 until the producer follows")
    func consumersFirst() throws {
        try world.tellOld("POP-1: Feed the cat")
        try world.rest(world.newConsumer)
        try expectCharged()
        try world.tellNew(both: false, "Wash the dog", "POP-2")
        try world.rest(world.newConsumer)
        try expectCharged()
        try expectTitles(["Feed the cat": "POP-1", "Wash the dog": "POP-2"])
    }

    @Test("X33, X44: a new consumer that begins with a log of both versions comes to the same money")
    func fromTheBeginning() throws {
        try world.tellOld("[POP-1] - Feed the cat")
        try world.tellNew(both: true, "Wash the dog", "POP-2")
        try world.tellNew(both: false, "Paint the fence", nil)
        try world.tellOld("without an id")
        try world.rest(world.newConsumer)
        try expectCharged()
        try expectTitles([
            "Feed the cat": "POP-1", "Wash the dog": "POP-2", "Paint the fence": nil, "without an id": nil,
        ])
    }

    @Test("X40, X44: a change of programs between an event's two versions, either way, neither loses it nor doubles it")
    func betweenTheTwo() throws {
        for (first, second) in [
            (world.oldConsumer, world.newConsumer), (world.newConsumer, world.oldConsumer),
        ] {
            try world.tellNew(both: true, "Feed the cat", "POP-1")
            try world.rest(first, before: TaskCreatedV1.self)
            try world.rest(second)
            try expectCharged()
        }
    }

    /// One fee for each task, the fees that the draw gives, and `verify` content.
    private func expectCharged() throws {
        let draw = PriceDraw(secret: MigrationWorld.secret)
        let fees = world.tasks.map { draw.prices(of: $0, in: .standard).fee }
        let sum = try fees.reduce(Cents.zero) { try $0.plus($1) }
        let person = world.person
        let account = try world.accounting.read { try Ledger.account(person, in: $0) }
        let expected = try sum.negated()
        #expect(account?.balance == expected)
        let entries: Int64? = try world.accounting.read { try $0.value("SELECT COUNT(*) FROM entry") }
        #expect(entries == Int64(world.tasks.count))
        #expect(try world.findings() == [])
    }

    private func expectTitles(_ expected: [String: String?]) throws {
        let found = try world.accounting.read { transaction in
            try transaction.fetch("SELECT title, jira_id FROM price").map {
                (try $0(0, as: String.self), try $0(1, as: String?.self))
            }
        }
        #expect(Dictionary(found, uniquingKeysWith: { $1 }) == expected)
    }
}

/// A Tracker's journal, old and new, and Accounting, old and new, over the same databases and log.
final class MigrationWorld {
    static let secret = Array("a secret of thirty-two bytes, ok".utf8)
    let clock = SteppedClock(seed: 44)
    let tracker: SQLiteDatabase
    let accounting: SQLiteDatabase
    let log = MemoryEventLog()
    let publisher: ServiceHost
    let oldConsumer: ServiceHost
    let newConsumer: ServiceHost
    let person: ID
    private let service: AccountingService
    private(set) var tasks: [ID] = []
    private var lastEvent: ID?

    init() throws {
        tracker = try SQLiteDatabase.inline(name: "tracker")
        accounting = try SQLiteDatabase.inline(name: "accounting")
        person = clock.environment.newID()
        service = AccountingService(
            company: .test(), secret: MigrationWorld.secret, codes: .trial, environment: clock.environment)
        let (sharedLog, environment) = (log, clock.environment)
        func host(_ service: any Service, _ database: SQLiteDatabase) -> ServiceHost {
            ServiceHost(service, database: database, log: sharedLog, environment: environment)
        }
        publisher = host(Publisher(.tracker), tracker)
        oldConsumer = host(OldAccounting(service), accounting)
        newConsumer = host(service, accounting)
        for host in [publisher, oldConsumer] { try host.prepare() }
    }

    /// As the Tracker told it before there was version 2.
    func tellOld(_ title: String) throws {
        let event = TaskCreatedV1(
            task: task(), title: title, description: nil, assignee: person, creator: person, time: clock.now)
        try tell(event, by: Journal(topic: .tracker))
    }

    func tellNew(both: Bool, _ title: String, _ jiraID: String?) throws {
        let event = TaskCreated(
            task: task(), title: title, jiraID: jiraID, description: nil, assignee: person, creator: person,
            time: clock.now)
        try tell(event, by: Journal(topic: .tracker, alsoAs: both ? [TaskCreatedV1.type] : []))
    }

    private func task() -> ID {
        let task = clock.environment.newID()
        tasks.append(task)
        return task
    }

    private func tell(_ event: some Event, by journal: Journal) throws {
        let (id, now) = (clock.environment.newID(), clock.now)
        lastEvent = id
        try tracker.write { try journal.append(event, id: id, at: now, trace: "test", in: $0) }
    }

    /// The Tracker and this Accounting do what there is to do; the other program isn't there.
    func rest(_ consumer: ServiceHost) throws {
        for host in [publisher, consumer] { try host.prepare() }
        var steps = 0
        while try [publisher, consumer].map({ try $0.step() }).contains(true), steps < 1000 { steps += 1 }
        consumer.stop()
    }

    /// As ``rest(_:)``, while the log lacks the last event in this version; at the end it has it again.
    func rest<E: Event>(_ consumer: ServiceHost, before version: E.Type) throws {
        while try publisher.step() {}
        let last = lastEvent
        let late = log.contents(of: .tracker).filter { $0.id == last && $0.version == E.version }
        log.lose { $0.id == last && $0.version == E.version }
        try consumer.prepare()
        for _ in 0..<10 { _ = try consumer.step() }
        consumer.stop()
        try log.publish(late, to: .tracker)
    }

    func findings() throws -> [String] {
        let (own, ownEnd) = try accounting.snapshot()
        defer { ownEnd() }
        let (theirs, theirEnd) = try tracker.snapshot()
        defer { theirEnd() }
        var findings = Findings()
        for check in service.checks { try check.run(Snapshots(["accounting": own, "tracker": theirs]), &findings) }
        return findings.problems
    }
}

/// Accounting as a program of the time of version 1: it has not heard of version 2.
struct OldAccounting: Service {
    let now: AccountingService
    var name: String { now.name }
    var journal: Journal { now.journal }
    var migrations: [Migration] { now.migrations }
    var audited: [any AuditedContract.Type] { now.audited }
    var endpoints: [Endpoint] { now.endpoints }
    var pages: PageSet { now.pages }
    var navigation: [NavigationItem] { now.navigation }
    var jobs: [Job] { now.jobs }
    var checks: [Check] { now.checks }

    init(_ now: AccountingService) { self.now = now }

    func prepare(_ database: any Database, _ environment: Environment) throws {
        try now.prepare(database, environment)
    }

    var reactions: [Reaction] {
        now.reactions.map { reaction in
            Reaction(toMany: reaction.events.subtracting([TaskCreated.type]), of: reaction.topic, apply: reaction.apply)
        }
    }
}
