import Foundation
import Storage

/// Runs each job at once, on the thread that submits it.
// Unchecked: all state is behind the lock.
final class InlineRunner: @unchecked Sendable {
    private let lock = NSRecursiveLock()
    private let group: GroupCommit
    private var isRunning = false
    private var isClosed = false

    init(_ group: GroupCommit) {
        self.group = group
    }

    func run(_ job: WorkItem) {
        // The lock is recursive only so that a body that begins another transaction gets an error instead of hanging.
        let answers = lock.withLock { () -> [Completion] in
            guard !isClosed else { return [{ job.fail(StorageError.closed) }] }
            guard !isRunning else {
                return [{ job.fail(StorageError.failed("a body may not begin another transaction")) }]
            }
            isRunning = true
            defer { isRunning = false }
            return group.run([job])
        }
        for answer in answers { answer() }
    }

    func close() {
        lock.withLock {
            guard !isClosed else { return }
            isClosed = true
            group.connection.finish()
        }
    }
}
