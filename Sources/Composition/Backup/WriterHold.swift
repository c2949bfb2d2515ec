import Foundation
import Storage

/// Stops the writers of several databases at once: everything committed before is in all of them, and nothing is
/// committed anywhere until they are released. So snapshots that are opened meanwhile show one moment of the whole.
///
/// Each writer is stopped in a transaction of its own that changes nothing. These transactions take their turn like
/// every other write, so a busy writer cannot push them aside. The writers go on by themselves after a while, whatever
/// happens to the caller.
// Unchecked: all state is guarded by the condition's lock.
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
    /// When the first writer stopped.
    private var since: ContinuousClock.Instant?
    private var deadline = ContinuousClock.now
    /// How long to wait for the first writer to stop, while none is stopped yet.
    private let patience = Duration.seconds(60)

    /// - Parameters:
    ///   - databases: in the order in which they are stopped. No writer waits for another, so any order will do.
    ///   - seconds: how long they are stopped at most.
    package init(_ databases: [any Database], atMost seconds: Double = 5) {
        self.databases = databases
        self.seconds = .seconds(seconds)
    }

    /// Returns once all writers have stopped.
    /// - Throws: ``StorageError`` if one does not stop in time, or cannot write; the others then go on.
    package func begin() throws {
        // This applies until the first writer has stopped, which sets its own deadline.
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

    /// Releases all writers. Returns how long the first of them was stopped.
    /// - Throws: ``StorageError/unavailable(_:)`` if they had gone on by themselves: the snapshots are not one moment.
    package func end() throws -> Duration {
        try condition.withLock {
            guard stage == .held, let since else { throw WriterHold.ranOut }
            letGo()
            return since.duration(to: .now)
        }
    }

    private static let ranOut = StorageError.unavailable(
        "the services' writers were held for too long and went on; try again")

    /// The body of a writer's transaction. If it runs a second time, the hold is over.
    private func stand() {
        condition.withLock {
            guard stage != .over else { return }
            if since == nil {
                since = .now
                // From now on others wait, so this time limit applies.
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
            // An error after all were released does not matter: the transaction was empty.
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
