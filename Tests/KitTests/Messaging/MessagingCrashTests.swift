import Messaging
import SQLiteDriver
import Storage
import Synchronization
import TestKit
import Testing
import Values

@Suite("Messaging: crashes")
struct MessagingCrashTests {
    /// Lets everything die at the nth call of anything, lost answers included, until it is started again.
    final class Fate: Sendable {
        private let state = Mutex((left: Int.max, isDead: false))

        func die(at count: Int) { state.withLock { $0 = (count, false) } }
        func restart() { state.withLock { $0.isDead = false } }

        /// Whether it has died since it was told to.
        var isSpent: Bool { state.withLock { $0.left <= 0 } }

        func pass() throws {
            try state.withLock { state in
                if state.left > 0 && state.left != .max {
                    state.left -= 1
                    if state.left == 0 { state.isDead = true }
                }
                if state.isDead { throw StorageError.unavailable("crashed") }
            }
        }
    }

    @Test("X40: whatever call everything dies at, each event takes effect once, in order, and numbers stay")
    func everyCall() throws {
        var point = 1
        while try lives(dyingAt: point) { point += 1 }
        #expect(point > 100)
    }

    /// One run of a small history. Returns whether the crash came in it.
    private func lives(dyingAt point: Int) throws -> Bool {
        let fate = Fate()
        let log = MemoryEventLog { _ in try fate.pass() }
        let world = try TrialWorld(
            publisher: SQLiteDatabase.inline(name: "publisher", faults: { _ in try fate.pass() }),
            consumer: SQLiteDatabase.inline(name: "consumer", faults: { _ in try fate.pass() }), log: log)
        try Trial.curse(Trial.key(2), serial: 1, in: world.consumer)
        fate.die(at: point)
        var (relay, subscription) = (world.relay(), world.subscription())
        func surviving(_ body: () throws -> Void) throws {
            for _ in 0..<3 {
                do {
                    return try body()
                } catch StorageError.unavailable {
                    fate.restart()
                    (relay, subscription) = (world.relay(), world.subscription())
                }
            }
            Issue.record("it does not survive a crash at call \(point)")
        }
        let keys = (0..<4).map(Trial.key)
        for serial in 1...2 {
            try surviving {
                // A command is made once: what is there already is not written again.
                let known = try world.publisher.read { try $0.fetch("SELECT position FROM journal").count }
                if known < 4 * serial { try world.happen(keys, serial: serial) }
            }
            try surviving { try world.settle(relay, subscription) }
        }
        let crashed = fate.isSpent
        fate.die(at: .max)
        try Trial.liftCurse(Trial.key(2), in: world.consumer)
        world.clock.advance(seconds: 300)
        try world.settle(relay, subscription)
        let applied = try Trial.applied(in: world.consumer)
        #expect(applied == Dictionary(uniqueKeysWithValues: keys.map { ($0, [1, 2]) }), "a crash at call \(point)")
        let inOrder: [Int64?] = [1, 2]
        for (_, numbers) in try world.numbers() { #expect(numbers == inOrder, "a crash at call \(point)") }
        #expect(try world.consumer.read { try Parked.counts(in: $0) }.isEmpty)
        return crashed
    }
}
