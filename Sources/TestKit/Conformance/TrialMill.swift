import Foundation
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Synchronization

/// The trial service's relay and subscriptions on threads of their own, as a host runs them: after an error they pause,
/// longer each time, and go on.
package final class TrialMill: Sendable {
    package static let keys = (0..<32).map(Trial.key)

    package let world: TrialWorld
    private let stopping = Signal()
    private let stopped = Signal()
    private let state = Mutex((threads: UInt64(0), serial: 0, errors: [String]()))

    package init(_ log: any EventLog) throws {
        world = try TrialWorld(
            publisher: SQLiteDatabase.memory(name: "publisher"), consumer: SQLiteDatabase.memory(name: "consumer"),
            log: log)
        let relay = world.relay()
        keep { try relay.step() }
        consume(world.consumer)
    }

    /// What went wrong on the way, in its words.
    package var errors: [String] { state.withLock { $0.errors } }

    /// Another consumer, from the beginning, in a database of its own.
    package func another() throws -> any Database {
        let database = try SQLiteDatabase.memory(name: "another")
        try database.migrate(
            Trial.migrations, kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: world.clock.now)
        consume(database)
        return database
    }

    private func consume(_ database: any Database) {
        let subscription = Subscription(
            service: "trial", topic: Trial.topic, reactions: Trial.reactions, database: database, log: world.log,
            environment: world.environment, owner: .embedded)
        keep { try subscription.step(waiting: 0.1) }
    }

    private func keep(_ turn: @escaping @Sendable () throws -> Turn) {
        state.withLock { $0.threads += 1 }
        Thread { [self] in
            var pause = 0.0
            while !stopping.isOver {
                do {
                    if try turn() != .more { stopping.wait(past: 0, atMost: 0.01) }
                    pause = 0
                } catch {
                    state.withLock { $0.errors.append("\(error)") }
                    pause = min(1, max(0.1, pause * 2))
                    stopping.wait(past: 0, atMost: pause)
                }
            }
            stopped.note()
        }.start()
    }

    /// Ends the threads, and waits for their ends.
    package func stop() {
        stopping.end()
        let threads = state.withLock { $0.threads }
        while stopped.count < threads { stopped.wait(past: stopped.count, atMost: 1) }
    }

    /// Something happens to every key, so many times.
    package func happen(_ rounds: Int) throws {
        for _ in 0..<rounds {
            let serial = state.withLock { state in
                state.serial += 1
                return state.serial
            }
            try world.happen(TrialMill.keys, serial: serial)
        }
    }

    /// Waits until a consumer has applied so many rounds, or all.
    package func settle(
        _ database: (any Database)? = nil, rounds: Int? = nil, atMost seconds: Double = 180
    ) throws {
        let database = database ?? world.consumer
        let wanted = TrialMill.keys.count * (rounds ?? state.withLock { $0.serial })
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            let seen = database.commits.count
            let count = try database.read { try $0.value("SELECT COUNT(*) FROM applied", as: Int.self) } ?? 0
            if count >= wanted { return }
            guard ContinuousClock.now < end else {
                throw StorageError.failed("\(count) of \(wanted) applied; errors: \(Set(errors))")
            }
            database.commits.wait(past: seen, atMost: 0.5)
        }
    }

    /// - Throws: unless every happening took effect once, in its order.
    package func expectAll(_ database: (any Database)? = nil) throws {
        let serial = state.withLock { $0.serial }
        let applied = try Trial.applied(in: database ?? world.consumer)
        let all = Dictionary(uniqueKeysWithValues: TrialMill.keys.map { ($0, Array(1...serial)) })
        let wrong = TrialMill.keys.filter { applied[$0] != all[$0] }
        try MessagingConformance.expect(applied == all, "not every event took effect once, in its order: \(wrong)")
    }
}
