import Messaging
import Storage
import TestKit
import TestTraits
import Testing
import Values

@Suite("Messaging: relay", .onEachDatabase)
struct MessagingRelayTests {
    let log = MemoryEventLog()
    let world: TrialWorld

    init() throws {
        world = try TrialWorld(
            publisher: RehearsedDatabase(TestDatabase.fresh("publisher")),
            consumer: RehearsedDatabase(TestDatabase.fresh("consumer")), log: log)
    }

    private func drain(_ relay: Relay) throws {
        while try relay.step() == .more {}
    }

    private func expectGapless() throws {
        for (partition, numbers) in try world.numbers() {
            let gapless: [Int64?] = (1...Int64(numbers.count)).map { $0 }
            #expect(numbers == gapless, "partition \(partition)")
        }
    }

    @Test("X41: numbers run from 1 per partition, in database order, without a gap, over several batches")
    func numbering() throws {
        let relay = world.relay()
        for serial in 1...5 { try world.happen((0..<500).map(Trial.key), serial: serial) }
        try drain(relay)
        try expectGapless()
        let contents = log.contents(of: Trial.topic)
        #expect(contents.count == 2500)
        for partition in 0..<Topic.partitions {
            let numbers = contents.filter { $0.partition == partition }.map(\.number)
            #expect(numbers == Array(1...Int64(numbers.count)))
        }
    }

    @Test("At rest, nothing is left unnumbered or unnoted, and a turn writes nothing")
    func rest() throws {
        let relay = world.relay()
        try world.happen([Trial.key(1)], serial: 1)
        try drain(relay)
        let cursor = try world.publisher.read {
            try $0.fetch("SELECT numbered, published FROM journal_cursor WHERE numbered > 0").map(\.values)
        }
        let noted: [[Value]] = [[.integer(1), .integer(1)]]
        #expect(cursor == noted)
        let commits = world.publisher.commits.count
        #expect(try relay.step() == .idle)
        #expect(world.publisher.commits.count == commits)
    }

    @Test("X40: a publication whose confirm was lost is made again, with the same numbers")
    func lostConfirm() throws {
        let relay = world.relay()
        try world.happen((0..<20).map(Trial.key), serial: 1)
        log.setHook { if $0 == .afterPublish { throw StorageError.unavailable("confirm lost") } }
        #expect(throws: StorageError.self) { try drain(relay) }
        let numbers = try world.numbers()
        log.setHook(nil)
        try drain(relay)
        #expect(try world.numbers() == numbers)
        let contents = log.contents(of: Trial.topic)
        #expect(Set(contents).count == 20)
        try expectGapless()
    }

    @Test("X43: while the log is away events wait, and go on when it is back")
    func logAway() throws {
        let relay = world.relay()
        log.setHook { _ in throw StorageError.unavailable("away") }
        for serial in 1...3 {
            try world.happen((0..<30).map(Trial.key), serial: serial)
            #expect(throws: StorageError.self) { try drain(relay) }
        }
        log.setHook(nil)
        try drain(relay)
        #expect(Set(log.contents(of: Trial.topic)).count == 90)
    }

    @Test("X40: a log that lost everything is filled again from the journal")
    func wiped() throws {
        for serial in 1...4 { try world.happen((0..<600).map(Trial.key), serial: serial) }
        try drain(world.relay())
        let before = Set(log.contents(of: Trial.topic))
        log.lose()
        try world.happen([Trial.key(3)], serial: 5)
        try drain(world.relay())
        let after = log.contents(of: Trial.topic)
        #expect(after.count == 2401)
        #expect(before.isSubset(of: Set(after)))
    }

    @Test("A log that lost the end of one partition is filled from there")
    func lostEnd() throws {
        try world.happen((0..<320).map(Trial.key), serial: 1)
        try drain(world.relay())
        log.lose { $0.partition == 4 && $0.number > 7 }
        try drain(world.relay())
        let four = log.contents(of: Trial.topic).filter { $0.partition == 4 }.map(\.number)
        #expect(four == Array(1...20))
    }

    @Test("A service whose numbers are behind its topic refuses, and says what to do")
    func olderBackup() throws {
        try world.happen((0..<32).map(Trial.key), serial: 1)
        try drain(world.relay())
        let older = try TrialWorld(
            publisher: TestDatabase.fresh("publisher"), consumer: TestDatabase.fresh("consumer"),
            log: log)
        try older.happen([Trial.key(1)], serial: 1)
        #expect(throws: NumbersBehindTopic.self) { try older.relay().connect() }
        let error = #expect(throws: NumbersBehindTopic.self) { try older.relay().step() }
        #expect(error?.description.contains("Restore the whole data folder") == true)
        #expect(log.contents(of: Trial.topic).count == 32)
    }

    @Test("A second relay waits for the lease, and takes it over when it has stood still for three seconds")
    func lease() throws {
        let first = world.relay(owner: Owner(name: "first", alone: false))
        let second = world.relay(owner: Owner(name: "second", alone: false))
        try world.happen([Trial.key(1)], serial: 1)
        try drain(first)
        #expect(try second.step() == .blocked)
        world.clock.advance(seconds: 2)
        _ = try first.step()
        #expect(try second.step() == .blocked)
        world.clock.advance(milliseconds: 2900)
        #expect(try second.step() == .blocked)
        world.clock.advance(milliseconds: 200)
        try world.happen([Trial.key(1)], serial: 2)
        #expect(try second.step() == .more)
        try drain(second)
        try world.happen([Trial.key(1)], serial: 3)
        #expect(throws: LeaseLost.self) { try first.step() }
        try second.release()
        #expect(try first.step() == .more)
        try drain(first)
        try expectGapless()
        #expect(Set(log.contents(of: Trial.topic).map(\.number)) == [1, 2, 3])
    }

    @Test(
        "X43: what the log has lost is whole again, also where bringing it back broke off and left only the last events"
    )
    func brokenRefill() throws {
        for serial in 1...3 { try world.happen((0..<64).map(Trial.key), serial: serial) }
        try drain(world.relay())
        let whole = Set(log.contents(of: Trial.topic).map(\.id))
        let last = try world.numbers().mapValues(\.count)
        log.lose()
        log.setHook { [log] moment in
            guard moment == .afterPublish else { return }
            log.lose { $0.number < Int64(last[$0.partition] ?? 0) }
            throw StorageError.unavailable("the broker went away in the middle of it")
        }
        let relay = world.relay()
        for _ in 0..<3 { #expect(throws: StorageError.self) { try drain(relay) } }
        log.setHook(nil)
        try drain(relay)
        #expect(Set(log.contents(of: Trial.topic).map(\.id)) == whole)
    }
}
