import Foundation
import Storage

/// Holds the writers of several databases still at once: whatever was committed before is in all of them, and nothing
/// is committed anywhere until they are let go. What is opened for reading meanwhile shows one moment of the whole.
///
/// Each writer is stopped in a transaction of its own that changes nothing. They take their turn like every other
/// write, so a busy writer cannot push them aside; and they go on by themselves after a while, whatever becomes of who
/// asked for it.
// Unchecked: all state is behind the condition's lock.
package final class WriterHold: @unchecked Sendable {
    private enum Stage {
        case gathering, held, over
    }

    private let databases: [any Database]
    private let seconds: Duration
    private let condition = Condition()
    private var stage = Stage.gathering
    private var arrived = 0
    private var failure: (any Error)?
    /// When the first of them stood still.
    private var since: ContinuousClock.Instant?
    private var deadline = ContinuousClock.now
    /// How long the first may take to come to rest, while nobody stands still for it yet.
    private let patience = Duration.seconds(60)

    /// - Parameters:
    ///   - databases: in the order in which they are stopped. No writer waits for another, so any will do.
    ///   - seconds: how long they stand at most.
    package init(_ databases: [any Database], atMost seconds: Double = 5) {
        self.databases = databases
        self.seconds = .seconds(seconds)
    }

    /// Returns when all stand still.
    /// - Throws: ``StorageError`` where one does not come to rest in time, or cannot write; the others go on then.
    package func begin() throws {
        // Before the first of them is there, which sets its own.
        condition.withLock { deadline = .now + patience }
        for (index, database) in databases.enumerated() {
            let thread = Thread { [self] in
                database.write { _ in
                    self.stand()
                } then: {
                    self.left($0)
                }
            }
            thread.name = "hold \(database.name)"
            thread.start()
            try condition.withLock {
                while arrived <= index, failure == nil {
                    guard condition.wait(until: deadline) else { break }
                }
                guard arrived > index, stage == .gathering, failure == nil else {
                    letGo()
                    throw failure ?? StorageError.unavailable("\(database.name) did not come to rest; try again")
                }
            }
        }
        try condition.withLock {
            guard stage == .gathering else { throw WriterHold.ranOut }
            stage = .held
        }
    }

    /// Lets all go. Returns how long the first of them stood.
    /// - Throws: ``StorageError/unavailable(_:)`` where they had gone on by themselves: what was opened is not one moment.
    package func end() throws -> Duration {
        try condition.withLock {
            guard stage == .held, let since else { throw WriterHold.ranOut }
            letGo()
            return since.duration(to: .now)
        }
    }

    private static let ranOut = StorageError.unavailable(
        "the services' writers were held for too long and went on; try again")

    /// A writer's body. When it is run a second time everything is over.
    private func stand() {
        condition.withLock {
            guard stage != .over else { return }
            if since == nil {
                since = .now
                // From here on others wait, so the time that counts is this one.
                deadline = .now + seconds
            }
            arrived += 1
            condition.broadcast()
            while stage != .over {
                if !condition.wait(until: deadline) { letGo() }
            }
        }
    }

    private func left(_ result: Result<Void, any Error>) {
        guard case .failure(let error) = result else { return }
        condition.withLock {
            // An error after all were let go is nobody's concern: the transaction was empty.
            guard stage != .over else { return }
            failure = failure ?? error
            letGo()
        }
    }

    private func letGo() {
        stage = .over
        condition.broadcast()
    }
}
