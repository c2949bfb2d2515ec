import Messaging
import Storage
import TestKit
import TestTraits
import Testing
import Values

@Suite("Messaging: parked events", .onEachDatabase)
struct MessagingParkingTests {
    let world: TrialWorld
    let relay: Relay
    let subscription: Subscription
    let admin = Trial.key(99)

    init() throws {
        world = try TrialWorld(
            publisher: TestDatabase.fresh("publisher"),
            consumer: RehearsedDatabase(TestDatabase.fresh("consumer")), log: MemoryEventLog())
        relay = world.relay()
        subscription = world.subscription()
    }

    private func settle() throws { try world.settle(relay, subscription) }
    private func applied(_ key: ID) throws -> [Int]? { try Trial.applied(in: world.consumer)[key] }
    private func parked() throws -> [ParkedEvent] { try world.consumer.read { try Parked.list(limit: 100, in: $0) } }

    @Test("X42: an event that fails is parked with its error and holds its key; everything else goes on")
    func holdsItsKey() throws {
        let cursed = Trial.key(7)
        try Trial.curse(cursed, serial: 2, in: world.consumer)
        // 7 and 23 share a partition, not a key.
        for serial in 1...4 { try world.happen((0..<50).map(Trial.key), serial: serial) }
        try settle()
        for index in 0..<50 where index != 7 { #expect(try applied(Trial.key(index)) == [1, 2, 3, 4]) }
        #expect(try applied(cursed) == [1])
        let parked = try parked()
        #expect(parked.count == 3)
        #expect(parked.first?.error == "serial 2 is cursed")
        #expect(parked.map(\.isFirst) == [true, false, false])
        #expect(parked.first?.tries == 1)
        #expect(parked.first?.nextTry == world.clock.now.adding(seconds: 1))
        #expect(try world.consumer.read { try $0.value("SELECT key FROM denied", as: ID.self) } == cursed)
        let counts = try world.consumer.read { try Parked.counts(in: $0) }
        #expect(counts.count == 1)
        #expect(counts.first?.keys == 1 && counts.first?.events == 3 && counts.first?.discarded == 0)
    }

    @Test("X42: it is tried again with growing pauses, ten times, and then waits for an admin")
    func pauses() throws {
        try Trial.curse(Trial.key(1), serial: 1, in: world.consumer)
        try world.happen([Trial.key(1)], serial: 1)
        try settle()
        var pauses: [Int64] = []
        while let next = try parked().first?.nextTry {
            let pause = next.milliseconds - world.clock.now.milliseconds
            pauses.append(pause / 1000)
            world.clock.advance(milliseconds: pause - 1)
            #expect(try subscription.retryParked() == .idle)
            world.clock.advance(milliseconds: 1)
            #expect(try subscription.retryParked() == .more)
        }
        #expect(pauses == [1, 2, 4, 8, 16, 32, 64, 128, 256])
        #expect(try parked().first?.tries == 10)
        world.clock.advance(seconds: 1_000_000)
        #expect(try subscription.retryParked() == .idle)
        #expect(try world.consumer.read { try Parked.counts(in: $0) }.first?.forAdmin == 1)
    }

    @Test("X65: parked while the clock was days ahead, it is tried again when the clock is put back")
    func clockBack() throws {
        let key = Trial.key(4)
        try Trial.curse(key, serial: 1, in: world.consumer)
        world.clock.advance(seconds: 2 * 86_400)
        try world.happen([key], serial: 1)
        try settle()
        #expect(try parked().first?.tries == 1)
        world.clock.advance(seconds: -2 * 86_400)
        #expect(try subscription.retryParked() == .more)
        let next = try #require(try parked().first?.nextTry)
        #expect(next == world.clock.now.adding(seconds: 2))
        #expect(try subscription.retryParked() == .idle)
    }

    @Test("X42: once its cause is gone it is applied, and what stood behind it after it, in order")
    func recovers() throws {
        let key = Trial.key(3)
        try Trial.curse(key, serial: 1, in: world.consumer)
        for serial in 1...250 { try world.happen([key], serial: serial) }
        try settle()
        #expect(try applied(key) == nil)
        try Trial.liftCurse(key, in: world.consumer)
        world.clock.advance(seconds: 1)
        try settle()
        try world.happen([key], serial: 251)
        try settle()
        #expect(try applied(key) == Array(1...251))
        #expect(try parked().isEmpty)
    }

    @Test("One that fails among those behind becomes the first, with all its tries")
    func secondFailure() throws {
        let key = Trial.key(3)
        try Trial.curse(key, serial: 1, in: world.consumer)
        for serial in 1...5 { try world.happen([key], serial: serial) }
        try settle()
        try Trial.liftCurse(key, in: world.consumer)
        try Trial.curse(key, serial: 3, in: world.consumer)
        world.clock.advance(seconds: 1)
        try settle()
        #expect(try applied(key) == [1, 2])
        let first = try parked().first
        #expect(first?.error == "serial 3 is cursed")
        #expect(first?.tries == 1)
        #expect(try parked().count == 3)
    }

    @Test("X42: an admin replays what waits for them")
    func replay() throws {
        let key = Trial.key(4)
        try Trial.curse(key, serial: 1, in: world.consumer)
        try world.happen([key], serial: 1)
        try settle()
        for _ in 0..<20 {
            world.clock.advance(seconds: 300)
            try settle()
        }
        let event = try #require(try parked().first)
        #expect(event.nextTry == nil)
        try Trial.liftCurse(key, in: world.consumer)
        try settle()
        #expect(try applied(key) == nil)
        let now = world.clock.now
        let (partition, number) = (event.envelope.partition, event.envelope.number)
        let found = try world.consumer.write {
            try Parked.replay(topic: "trial", partition: partition, number: number, now: now, in: $0)
        }
        #expect(found)
        try settle()
        #expect(try applied(key) == [1])
        let again = try world.consumer.write {
            try Parked.replay(topic: "trial", partition: partition, number: number, now: now, in: $0)
        }
        #expect(!again)
    }

    @Test("X42: an admin discards with a reason, which is kept; the next of the key goes on")
    func discard() throws {
        let key = Trial.key(4)
        try Trial.curse(key, serial: 2, in: world.consumer)
        for serial in 1...3 { try world.happen([key], serial: serial) }
        try settle()
        let event = try #require(try parked().first)
        let (partition, number, now, admin) = (event.envelope.partition, event.envelope.number, world.clock.now, admin)
        let found = try world.consumer.write {
            try Parked.discard(
                topic: "trial", partition: partition, number: number, reason: "a test", by: admin, now: now, in: $0)
        }
        #expect(found)
        try settle()
        #expect(try applied(key) == [1, 3])
        let kept = try world.consumer.read { try Parked.show(id: event.envelope.id, in: $0) }
        #expect(kept?.discarded?.at == now && kept?.discarded?.by == admin && kept?.discarded?.reason == "a test")
        #expect(kept?.envelope == event.envelope)
        try world.happen([key], serial: 4)
        try settle()
        #expect(try applied(key) == [1, 3, 4])
        #expect(try world.consumer.read { try Parked.counts(in: $0) }.first?.discarded == 1)
    }

    @Test("Several failing events of a batch are each found")
    func several() throws {
        for index in [3, 400, 401, 899] { try Trial.curse(Trial.key(index), serial: 1, in: world.consumer) }
        try world.happen((0..<900).map(Trial.key), serial: 1)
        try settle()
        #expect(try Trial.applied(in: world.consumer).count == 896)
        #expect(Set(try parked().map(\.envelope.key)) == Set([3, 400, 401, 899].map(Trial.key)))
    }

    @Test("A storage error stops the subscription, and parks nothing")
    func storageError() throws {
        let reaction = Reaction(toMany: ["happened.1"], of: Trial.topic) { _, _ in throw StorageError.full("disk") }
        try world.happen([Trial.key(1)], serial: 1)
        while try relay.step() == .more {}
        let stopped = world.subscription(reactions: [reaction])
        for _ in 0..<3 { #expect(throws: StorageError.full("disk")) { try stopped.step() } }
        #expect(try parked().isEmpty)
        try settle()
        #expect(try applied(Trial.key(1)) == [1])
    }
}
