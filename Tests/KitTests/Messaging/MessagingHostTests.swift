import Contracts
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization
import TestKit
import Testing
import Values
import Web

/// A service that publishes `trial` and listens to it and to Identity.
struct TrialService: Service {
    var name = "trial"
    var journal: Journal { Journal(topic: Topic(name)) }
    var migrations: [Migration] { Trial.migrations }
    var reactions: [Reaction] = Trial.reactions + Directory.reactions()
    var endpoints: [Endpoint] { [] }
    var pages: PageSet { .none }
    var navigation: [NavigationItem] { [] }
    var jobs: [Job] = []
    var checks: [Check] { [] }
}

@Suite("Messaging: hosts")
struct MessagingHostTests {
    let log = MemoryEventLog()
    let clock = SteppedClock()
    let quiet: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    private func host(_ service: TrialService, on database: any Database, feed: LiveFeed? = nil) throws -> ServiceHost {
        let host = ServiceHost(
            service, database: database, log: log, environment: clock.environment, feed: feed, logger: quiet)
        try host.prepare()
        return host
    }

    private func person(_ index: Int, roles: Set<String> = [Role.employee], active: Bool = true) -> Person {
        Person(
            id: Trial.key(index), name: "Popug \(index)", email: "p\(index)@popug.test", roles: roles, active: active)
    }

    private func publish<E: Event>(_ events: [E], in database: any Database) throws {
        let ids = events.map { _ in clock.environment.newID() }
        let now = clock.now
        try database.write { transaction in
            try Journal(topic: .identity).append(
                zip(events, ids).map { ($0, $1) }, at: now, trace: "", in: transaction)
        }
    }

    @Test("Stepped, hosts come to rest with everything applied, and their figures say so")
    func stepped() throws {
        let identity = try host(
            TrialService(name: "identity", reactions: []), on: SQLiteDatabase.inline(name: "identity"))
        let trial = try host(TrialService(), on: SQLiteDatabase.inline(name: "trial"))
        try publish((0..<100).map { PersonRegistered(person: person($0)) }, in: identity.database)
        #expect(try !identity.figures().isQuiet)
        while try identity.step() || trial.step() {}
        #expect(try identity.figures().isQuiet && trial.figures().isQuiet)
        #expect(try trial.database.read { try Directory.people(limit: 200, in: $0) }.count == 100)
        #expect(trial.state == .healthy)
    }

    @Test("X43: with the log away figures tell all that the database knows, and no lag")
    func figuresWithoutLog() throws {
        let trial = try host(TrialService(), on: SQLiteDatabase.inline(name: "trial"))
        try Trial.happen((0..<5).map(Trial.key), serial: 1, in: trial.database, clock.environment)
        log.setHook { _ in throw StorageError.unavailable("away") }
        let away = try trial.figures()
        #expect(away.unnumbered == 5)
        #expect(away.consumers.map(\.lag) == [nil, nil])
        #expect(!away.isQuiet)
        log.setHook(nil)
        while try trial.step() {}
        #expect(try trial.figures().consumers.map(\.lag) == [0, 0])
    }

    @Test("On threads, events flow by themselves, a page's feed ticks, and stopping leaves nothing behind")
    func threads() async throws {
        let feed = LiveFeed(now: LiveTime.environment.now)
        let calls = Mutex(0)
        var service = TrialService()
        service.jobs = [
            Job("count", wakes: .commits(orEvery: 60)) { _, _ in
                calls.withLock { $0 += 1 }
                return .idle
            }
        ]
        let database = try SQLiteDatabase.memory(name: "trial")
        let environment = LiveTime.environment
        let host = ServiceHost(
            service, database: database, log: log, environment: environment, feed: feed, logger: quiet)
        try host.prepare()
        host.start()
        var ticks = feed.ticks(topics: ["trial"]).makeAsyncIterator()
        for serial in 1...3 { try Trial.happen((0..<50).map(Trial.key), serial: serial, in: database, environment) }
        #expect(await ticks.next() == "trial")
        // The job runs at first, and again when something was committed.
        while calls.withLock({ $0 }) < 1 { await Task.yield() }
        let before = calls.withLock { $0 }
        try Trial.happen((0..<50).map(Trial.key), serial: 4, in: database, environment)
        while calls.withLock({ $0 }) == before { await Task.yield() }
        while try Trial.applied(in: database).values.reduce(0, { $0 + $1.count }) < 200 { await Task.yield() }
        host.stop()
        let after = try Trial.applied(in: database)
        #expect(after.count == 50 && after.values.allSatisfy { $0 == [1, 2, 3, 4] })
        database.close()
    }

    @Test("A follower tells pages of what other processes have published and applied")
    func follower() async throws {
        let trial = try host(TrialService(), on: SQLiteDatabase.memory(name: "trial"))
        let topic = trial.service.name
        // One follows the ends of topics, the other the checkpoints of its own services.
        for (topics, hosts) in [([Topic(topic)], []), ([], [trial])] {
            let feed = LiveFeed(now: LiveTime.environment.now)
            let follower = LiveFollower(topics: topics, hosts: hosts, log: log, feed: feed)
            var ticks = feed.ticks(topics: [topic]).makeAsyncIterator()
            follower.start()
            // What moved before somebody looked is unknown.
            if hosts.isEmpty { #expect(await ticks.next() == topic) }
            try Trial.happen([Trial.key(1)], serial: 1, in: trial.database, clock.environment)
            while try trial.step() {}
            #expect(await ticks.next() == topic)
            follower.stop()
        }
        trial.database.close()
    }

    @Test("X43: a log that is away does not keep a service from starting; numbers behind the topic do")
    func starting() throws {
        log.setHook { _ in throw StorageError.unavailable("away") }
        let first = try host(TrialService(), on: SQLiteDatabase.inline(name: "trial"))
        guard case .unhealthy = first.state else {
            Issue.record("nothing is said of the log")
            return
        }
        log.setHook(nil)
        try Trial.happen([Trial.key(1)], serial: 1, in: first.database, clock.environment)
        while try first.step() {}
        #expect(throws: NumbersBehindTopic.self) {
            _ = try host(TrialService(), on: SQLiteDatabase.inline(name: "trial"))
        }
    }

    @Test("A feed tells of each topic once until it is taken, and forgets who has gone")
    func feed() async throws {
        let feed = LiveFeed(now: LiveTime.environment.now)
        do {
            var ticks = feed.ticks(topics: ["a", "b"]).makeAsyncIterator()
            for _ in 0..<1000 {
                feed.moved("a")
                feed.moved("c")
            }
            feed.moved("b")
            // Who looked before something moved hears of it although the listening begins later.
            let looked = LiveTime.environment.now()
            var late = feed.ticks(topics: ["b"], since: looked).makeAsyncIterator()
            #expect(await late.next() == "b")
            #expect(await ticks.next() == "a")
            #expect(await ticks.next() == "b")
            let task = Task {
                for await _ in feed.ticks(topics: ["z"]) {}
            }
            while feed.listeners < 3 { await Task.yield() }
            task.cancel()
            await task.value
            while feed.listeners > 2 { await Task.yield() }
            feed.end()
            #expect(await ticks.next() == nil)
        }
        #expect(feed.listeners == 0)
        _ = feed.ticks(topics: ["a"])
        #expect(feed.listeners == 0)
    }

    @Test("Checks find a hole in a journal, a checkpoint ahead of its publisher, and another Directory")
    func checks() throws {
        let identity = try host(
            TrialService(name: "identity", reactions: []), on: SQLiteDatabase.inline(name: "identity"))
        let trial = try host(TrialService(), on: SQLiteDatabase.inline(name: "trial"))
        let people = (0..<20).map { person($0) }
        try publish(people.map { PersonRegistered(person: $0) }, in: identity.database)
        try identity.database.write { try Directory.put(people, in: $0) }
        try Trial.happen([Trial.key(1)], serial: 1, in: trial.database, clock.environment)
        while try identity.step() || trial.step() {}
        #expect(try problems(identity, trial).isEmpty)
        try trial.database.write { transaction in
            try transaction.send("UPDATE directory_person SET name = 'Owl' WHERE id = \(Trial.key(3))")
            try transaction.send("DELETE FROM directory_person WHERE id = \(Trial.key(4))")
            try transaction.send("UPDATE checkpoint SET number = 9 WHERE topic = 'trial' AND partition = 0")
            try transaction.send("UPDATE journal SET number = 2")
        }
        let found = try problems(identity, trial)
        #expect(found.count == 5, "\(found)")
        #expect(found.contains { $0.contains("its code is wrong") })
    }

    private func problems(_ hosts: ServiceHost...) throws -> [String] {
        let opened = try hosts.map { host in
            (host.service.name, try #require(host.database as? SQLiteDatabase).snapshot())
        }
        defer { for (_, snapshot) in opened { snapshot.end() } }
        let snapshots = Snapshots(Dictionary(uniqueKeysWithValues: opened.map { ($0, $1.transaction) }))
        var findings = Findings()
        for check in hosts.flatMap({ MessagingChecks.checks(of: $0.service) }) { try check.run(snapshots, &findings) }
        return findings.problems
    }
}

/// The machine's time, for what runs on threads.
enum LiveTime {
    static let environment: Environment = {
        let clock = SteppedClock()
        let start = DispatchTime.now().uptimeNanoseconds
        var environment = clock.environment
        environment.uptime = { Int64((DispatchTime.now().uptimeNanoseconds - start) / 1_000_000) }
        return environment
    }()
}
