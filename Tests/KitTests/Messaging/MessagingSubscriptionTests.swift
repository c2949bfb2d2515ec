import Messaging
import Storage
import Synchronization
import TestKit
import TestTraits
import Testing
import Values

@Suite("Messaging: subscription", .onEachDatabase)
struct MessagingSubscriptionTests {
    let log = MemoryEventLog()
    let world: TrialWorld

    init() throws {
        world = try TrialWorld(
            publisher: TestDatabase.fresh("publisher"),
            consumer: RehearsedDatabase(TestDatabase.fresh("consumer")), log: log)
    }

    private func expectEach(_ keys: Int, _ serials: ClosedRange<Int>) throws {
        let applied = try Trial.applied(in: world.consumer)
        #expect(applied.count == keys)
        for (key, seen) in applied { #expect(seen == Array(serials), "\(key)") }
    }

    @Test("X40, X41: each event takes effect once, in the order of its key, over restarts")
    func once() throws {
        let relay = world.relay()
        for serial in 1...5 {
            try world.happen((0..<300).map(Trial.key), serial: serial)
            try world.settle(relay, world.subscription())
        }
        try expectEach(300, 1...5)
        #expect(try world.consumer.read { try Checkpoint.numbers(of: Trial.topic, in: $0) }.values.reduce(0, +) == 1500)
    }

    @Test("X40: duplicates, overtaken messages and gaps change nothing", arguments: UInt64(1)...20)
    func shuffled(seed: UInt64) throws {
        let shuffled = ShufflingEventLog(log, seed: seed)
        let world = try TrialWorld(
            publisher: world.publisher, consumer: TestDatabase.fresh("consumer"), log: shuffled)
        let (relay, subscription) = (world.relay(), world.subscription())
        for serial in 1...10 {
            try world.happen((0..<40).map(Trial.key), serial: serial)
            while try relay.step() == .more {}
            for _ in 0..<3 { _ = try subscription.step() }
        }
        for _ in 0..<10_000 {
            _ = try subscription.step()
            if try Trial.applied(in: world.consumer).values.reduce(0, { $0 + $1.count }) == 400 { break }
        }
        let applied = try Trial.applied(in: world.consumer)
        #expect(applied.count == 40)
        for (_, seen) in applied { #expect(seen == Array(1...10)) }
        #expect(subscription.status.ignored > 0)
    }

    @Test("A gap waits, raises an alarm after ten seconds, and goes on when it is filled")
    func gap() throws {
        let (relay, subscription) = (world.relay(), world.subscription())
        // Keys 5 and 21 are of partition 5, 6 of another.
        for serial in 1...3 { try world.happen([Trial.key(5)], serial: serial) }
        while try relay.step() == .more {}
        let lost = log.contents(of: Trial.topic).filter { $0.number == 2 }
        log.lose { $0.number == 2 }
        #expect(try subscription.step() == .more)
        #expect(try subscription.step() == .blocked)
        #expect(subscription.status.alarms.isEmpty)
        try world.happen([Trial.key(6)], serial: 1)
        while try relay.step() == .more {}
        _ = try subscription.step()
        #expect(try Trial.applied(in: world.consumer)[Trial.key(6)] == [1])
        world.clock.advance(seconds: 10)
        #expect(try subscription.step() == .blocked)
        #expect(subscription.status.alarms.count == 1)
        #expect(subscription.status.alarms.first?.contains("event 2 of trial, partition 5") == true)
        try log.publish(lost, to: Trial.topic)
        while try subscription.step() == .more {}
        #expect(try Trial.applied(in: world.consumer)[Trial.key(5)] == [1, 2, 3])
        #expect(subscription.status.alarms.isEmpty)
    }

    @Test("X40: a hole in the middle of the log, which no tail shows, is filled from the journal when its reader asks")
    func hole() throws {
        let relay = world.relay()
        for serial in 1...2_500 { try world.happen([Trial.key(5)], serial: serial) }
        while try relay.step() == .more {}
        log.lose { $0.partition == 5 && (2...2_000).contains($0.number) }
        let subscription = world.subscription(missing: { relay.publishAgain(partition: $0, after: $1) })
        try world.settle(relay, subscription)
        #expect(try Trial.applied(in: world.consumer)[Trial.key(5)] == [1])
        world.clock.advance(seconds: 10)
        _ = try subscription.step()
        #expect(subscription.status.alarms.count == 1)
        try world.settle(relay, subscription)
        #expect(try Trial.applied(in: world.consumer)[Trial.key(5)] == Array(1...2_500))
        #expect(subscription.status.alarms.isEmpty)
        #expect(try relay.step() == .idle)
    }

    /// An event that nobody reacts to.
    private func murmur() throws {
        let (id, now) = (world.environment.newID(), world.clock.now)
        try world.publisher.write {
            try Journal(topic: Trial.topic).append(
                Trial.Murmured(key: Trial.key(1)), id: id, at: now, trace: "", in: $0)
        }
    }

    private func checkpoint() throws -> Int64 {
        try world.consumer.read { try Checkpoint.numbers(of: Trial.topic, in: $0) }.values.reduce(0, +)
    }

    @Test("X40: past what nobody reacts to the checkpoint moves when nothing follows, after a second, or with the next")
    func passing() throws {
        let (relay, subscription) = (world.relay(), world.subscription())
        func step() throws -> Turn {
            while try relay.step() == .more {}
            return try subscription.step()
        }
        try murmur()
        #expect(try step() == .more)
        #expect(try checkpoint() == 0)
        #expect(try step() == .more)
        #expect(try checkpoint() == 1)
        #expect(try step() == .idle)
        for _ in 1...9 {
            try murmur()
            world.clock.advance(milliseconds: 100)
            #expect(try step() == .more)
        }
        #expect(try checkpoint() == 1)
        try murmur()
        world.clock.advance(milliseconds: 100)
        #expect(try step() == .more)
        #expect(try checkpoint() == 11)
        try murmur()
        #expect(try step() == .more)
        try world.happen([Trial.key(1)], serial: 1)
        #expect(try step() == .more)
        #expect(try checkpoint() == 13)
        // Who dies before it is kept passes it by again.
        try murmur()
        #expect(try step() == .more)
        #expect(try checkpoint() == 13)
        try world.happen([Trial.key(1)], serial: 2)
        try world.settle(relay, world.subscription())
        #expect(try checkpoint() == 15)
        try expectEach(1, 1...2)
    }

    @Test("X44: events and versions that nobody takes are passed over")
    func unknown() throws {
        try murmur()
        try world.happen([Trial.key(1)], serial: 1)
        try world.settle(world.relay(), world.subscription())
        try expectEach(1, 1...1)
        #expect(try world.consumer.read { try Parked.counts(in: $0) }.isEmpty)
    }

    @Test("Batches go to a reaction together, whole or in halves, never out of order")
    func batches() throws {
        let sizes = Mutex<[Int]>([])
        let counting = Reaction(toMany: ["happened.1"], of: Trial.topic) { envelopes, transaction in
            sizes.withLock { $0.append(envelopes.count) }
            try Trial.reactions[0].apply(envelopes, transaction)
        }
        try world.happen((0..<900).map(Trial.key), serial: 1)
        try world.settle(world.relay(), world.subscription(reactions: [counting]))
        // Twice, as every body is rehearsed.
        #expect(sizes.withLock { $0 } == [900, 900])
        try expectEach(900, 1...1)
    }

    @Test("An owner that another has overtaken can change nothing more")
    func fenced() throws {
        let first = world.subscription(owner: Owner(name: "first", alone: false))
        let second = world.subscription(owner: Owner(name: "second", alone: false))
        let relay = world.relay()
        try world.happen([Trial.key(1)], serial: 1)
        try world.settle(relay, first)
        #expect(try second.step() == .blocked)
        world.clock.advance(milliseconds: 3100)
        #expect(try second.step() != .blocked)
        try world.happen([Trial.key(1)], serial: 2)
        while try relay.step() == .more {}
        #expect(throws: LeaseLost.self) { try first.step() }
        #expect(try first.step() == .blocked)
        #expect(try Trial.applied(in: world.consumer)[Trial.key(1)] == [1])
        while try second.step() == .more {}
        #expect(try Trial.applied(in: world.consumer)[Trial.key(1)] == [1, 2])
        try second.release()
        #expect(try first.step() == .idle)
    }

    @Test("A consumer that works keeps its lease, one that idles beats")
    func beating() throws {
        let first = world.subscription(owner: Owner(name: "first", alone: false))
        let second = world.subscription(owner: Owner(name: "second", alone: false))
        _ = try first.step()
        for _ in 0..<10 {
            #expect(try second.step() == .blocked)
            world.clock.advance(milliseconds: 1500)
            #expect(try first.step() == .idle)
        }
    }

    @Test("The same owner goes on at once after a restart")
    func sameOwner() throws {
        try world.happen([Trial.key(1)], serial: 1)
        try world.settle(world.relay(), world.subscription())
        try world.happen([Trial.key(1)], serial: 2)
        try world.settle(world.relay(), world.subscription())
        try expectEach(1, 1...2)
    }
}

/// Gives what a log has in the worst ways that a log may: out of turn, twice, with gaps.
final class ShufflingEventLog: EventLog {
    private let inner: MemoryEventLog
    private let generator: Mutex<SplitMix64>
    var codes: EventCodes { inner.codes }

    init(_ inner: MemoryEventLog, seed: UInt64) {
        self.inner = inner
        generator = Mutex(SplitMix64(seed: seed))
    }

    func publish(_ envelopes: [Envelope], to topic: Topic) throws { try inner.publish(envelopes, to: topic) }
    func tail(of topic: Topic, partition: Int) throws -> Int64 { try inner.tail(of: topic, partition: partition) }

    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader {
        Reader(inner: try inner.reader(of: topic, after: numbers), log: self)
    }

    /// What is given now, and what is held back for later.
    private func worsen(_ envelopes: [Envelope]) -> (given: [Envelope], held: [Envelope]) {
        generator.withLock { generator in
            var worse: [Envelope] = []
            var held: [Envelope] = []
            for envelope in envelopes {
                let isLate = Int.random(in: 0..<10, using: &generator) == 0
                if isLate { held.append(envelope) } else { worse.append(envelope) }
                if Int.random(in: 0..<5, using: &generator) == 0 { worse.append(envelope) }
            }
            for _ in 0..<worse.count / 4 {
                worse.swapAt(
                    Int.random(in: 0..<worse.count, using: &generator),
                    Int.random(in: 0..<worse.count, using: &generator))
            }
            return (worse, held)
        }
    }

    private final class Reader: EventReader {
        private let inner: any EventReader
        private let log: ShufflingEventLog
        private let held = Mutex<[Envelope]>([])

        init(inner: any EventReader, log: ShufflingEventLog) {
            self.inner = inner
            self.log = log
        }

        func next(limit: Int, waiting seconds: Double) throws -> [Envelope] {
            let new = try inner.next(limit: limit / 2, waiting: seconds)
            return held.withLock { held in
                let worse = log.worsen(held + new)
                held = worse.held
                return worse.given
            }
        }
        func seek(partition: Int, after number: Int64) throws { try inner.seek(partition: partition, after: number) }
        func wake() { inner.wake() }
    }
}
