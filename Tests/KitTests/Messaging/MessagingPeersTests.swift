import Messaging
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values

/// Several processes of one service: who does what, and that nobody can do what is another's.
@Suite("Messaging: many processes", .onEachDatabase)
struct MessagingPeersTests {
    let log = MemoryEventLog()
    let world: TrialWorld

    init() throws {
        world = try TrialWorld(
            publisher: TestDatabase.fresh("publisher"), consumer: TestDatabase.fresh("consumer"), log: log)
    }

    private func peers(_ name: String) -> Peers {
        Peers(database: world.consumer, environment: world.environment, owner: Owner(name: name, alone: false))
    }

    private func shares(_ all: [Peers], of turns: Range<Int>) -> [[Int]] {
        all.map { peers in turns.filter { peers.isMine($0) } }
    }

    @Test("Who lives shares the turns: each has one owner, and nobody more than one more than another")
    func fair() throws {
        let all = ["a", "b", "c"].map(peers)
        for _ in 0..<2 { for one in all { try one.beat() } }
        #expect(shares(all, of: 0..<4) == [[0, 3], [1], [2]])
        #expect(all.allSatisfy { $0.count == 3 })
    }

    @Test("Who stands still for three seconds of another's uptime is dead, and lives again when it beats")
    func death() throws {
        let (first, second) = (peers("a"), peers("b"))
        for _ in 0..<2 {
            try first.beat()
            try second.beat()
        }
        for _ in 0..<2 {
            world.clock.advance(milliseconds: 1400)
            try second.beat()
        }
        #expect(second.count == 2)
        world.clock.advance(milliseconds: 1400)
        try second.beat()
        #expect(second.count == 1)
        #expect(shares([second], of: 0..<4) == [[0, 1, 2, 3]])
        try first.beat()
        try second.beat()
        #expect(second.count == 2)
        try first.leave()
        try second.beat()
        #expect(second.count == 1)
    }

    @Test("Groups of partitions pass from one process to another, and each event is applied once")
    func groups() throws {
        func process(_ name: String) -> (peers: Peers, subscriptions: [Subscription]) {
            let all = peers(name)
            let subscriptions = Topic.groups.enumerated().map { share, partitions in
                world.subscription(
                    owner: Owner(name: name, alone: false), partitions: partitions, peers: all, share: share)
            }
            return (all, subscriptions)
        }
        let (first, second, relay) = (process("a"), process("b"), world.relay())
        func settle(_ running: [(peers: Peers, subscriptions: [Subscription])]) throws {
            for _ in 0..<3 { for one in running { try one.peers.beat() } }
            while try relay.step() == .more {}
            for _ in 0..<3 {
                for subscription in running.flatMap(\.subscriptions) {
                    // Who comes back finds out that another has its place.
                    do { while try subscription.step() == .more {} } catch is LeaseLost {}
                }
            }
        }
        // Alone; then with another; then the first dies; then it comes back.
        let scenes = [[first], [first, second], [second], [first, second]]
        for (serial, running) in scenes.enumerated() {
            try world.happen((0..<64).map(Trial.key), serial: serial + 1)
            try settle(running)
            // Unmoved for long enough, whoever has not beaten.
            world.clock.advance(milliseconds: 3100)
            try settle(running)
        }
        let applied = try Trial.applied(in: world.consumer)
        #expect(applied.count == 64)
        for (key, seen) in applied { #expect(seen == [1, 2, 3, 4], "\(key)") }
        let owners = try world.consumer.read { transaction in
            try transaction.fetch("SELECT owner FROM checkpoint WHERE topic = 'trial' ORDER BY partition").map {
                try $0(0, as: String.self)
            }
        }
        #expect(owners == ["a", "b", "a", "b"].flatMap { Array(repeating: $0, count: 4) })
    }

    @Test("Parked events are tried by who reads their partition, and by nobody else")
    func parked() throws {
        let key = Trial.key(1)
        let partition = key.partition(of: Topic.partitions)
        let mine = try #require(Topic.groups.first { $0.contains(partition) })
        let other = try #require(Topic.groups.first { !$0.contains(partition) })
        let owner = Owner(name: "first", alone: false)
        let (holder, stranger) = (
            world.subscription(owner: owner, partitions: mine), world.subscription(owner: owner, partitions: other)
        )
        try world.consumer.write { try $0.send("INSERT INTO cursed (key, serial) VALUES (\(key), 1)") }
        try world.happen([key], serial: 1)
        let relay = world.relay()
        while try relay.step() == .more {}
        while try holder.step() == .more {}
        _ = try stranger.step()
        try world.consumer.write { try $0.send("DELETE FROM cursed") }
        world.clock.advance(seconds: 2)
        #expect(try stranger.retryParked() == .idle)
        _ = try holder.step()
        #expect(try holder.retryParked() == .more)
        #expect(try Trial.applied(in: world.consumer)[key] == [1])
    }

    @Test("X43: what was stopped and goes on can write nothing more of a job that another has taken over")
    func exclusive() throws {
        func right(_ name: String) -> Exclusive {
            Exclusive(
                "jobs", database: world.consumer, environment: world.environment,
                owner: Owner(name: name, alone: false))
        }
        let (first, second) = (right("first"), right("second"))
        #expect(try first.take())
        #expect(try !second.take())
        try first.database.write { try $0.send("INSERT INTO denied (key) VALUES (\(Trial.key(1)))") }
        for _ in 0..<4 {
            world.clock.advance(milliseconds: 1000)
            try first.beat()
            #expect(try !second.take())
        }
        world.clock.advance(milliseconds: 3100)
        #expect(try second.take())
        #expect(throws: LeaseLost.self) {
            try first.database.write { transaction -> Void in
                try transaction.send("INSERT INTO denied (key) VALUES (\(Trial.key(2)))")
            }
        }
        try first.beat()
        #expect(try !first.take())
        try second.release()
        #expect(try first.take())
        let denied: Int? = try world.consumer.read { try $0.value("SELECT COUNT(*) FROM denied") }
        #expect(denied == 1)
    }

    @Test("A process that is not alone compares its numbers with the log at its start, whoever relays")
    func behind() throws {
        try world.happen((0..<32).map(Trial.key), serial: 1)
        let relay = world.relay(owner: Owner(name: "first", alone: false))
        while try relay.step() == .more {}
        try world.relay(owner: Owner(name: "second", alone: false)).connect()
        let older = try TrialWorld(
            publisher: TestDatabase.fresh("publisher"), consumer: TestDatabase.fresh("consumer"), log: log)
        #expect(throws: NumbersBehindTopic.self) {
            try older.relay(owner: Owner(name: "third", alone: false)).connect()
        }
    }

    @Test("What a reader in another process misses in the log is published again by whoever relays")
    func askedAgain() throws {
        try world.happen((0..<64).map(Trial.key), serial: 1)
        let relay = world.relay(owner: Owner(name: "first", alone: false))
        func drain() throws {
            // The relay looks at its journal's counters when it beats.
            world.clock.advance(milliseconds: 1100)
            for _ in 0..<10 { _ = try relay.step() }
        }
        try drain()
        try drain()
        let before = log.contents(of: Trial.topic).count
        let partition = Trial.key(1).partition(of: Topic.partitions)
        try world.publisher.write { try Relay.publishAgain(partition: partition, after: 1, in: $0) }
        try drain()
        let again = log.contents(of: Trial.topic).dropFirst(before)
        #expect(!again.isEmpty)
        #expect(again.allSatisfy { $0.partition == partition })
        #expect(again.map(\.number) == Array(2...Int64(again.count + 1)))
        try drain()
        #expect(log.contents(of: Trial.topic).count == before + again.count)
    }
}
