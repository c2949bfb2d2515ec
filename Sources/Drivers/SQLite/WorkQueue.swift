import Foundation
import Storage

/// The jobs that wait for one or more threads, and those threads.
// Unchecked: all state is guarded by the condition's lock.
final class WorkQueue: @unchecked Sendable {
    private let condition = Condition()
    private var waiting: [WorkItem] = []
    private var isClosed = false
    private var threads = 0

    /// Starts a thread that runs `work` on the jobs it takes, at most `limit` at a time. When the queue is closed and
    /// empty, the thread runs `finish`.
    func startThread(
        named name: String, taking limit: Int, _ work: @escaping @Sendable ([WorkItem]) -> Void,
        finish: @escaping @Sendable () -> Void
    ) {
        condition.withLock { threads += 1 }
        let thread = Thread {
            Thread.nameCurrent(name)
            while let jobs = self.take(limit) {
                work(jobs)
            }
            finish()
            self.condition.withLock {
                self.threads -= 1
                self.condition.broadcast()
            }
        }
        thread.stackSize = 4 << 20
        thread.start()
    }

    func add(_ job: WorkItem) {
        let isTaken = condition.withLock {
            guard !isClosed else { return false }
            waiting.append(job)
            condition.signal()
            return true
        }
        if !isTaken { job.fail(StorageError.closed) }
    }

    private func take(_ limit: Int) -> [WorkItem]? {
        condition.withLock {
            while waiting.isEmpty && !isClosed {
                condition.wait()
            }
            guard !waiting.isEmpty else { return nil }
            if waiting.count <= limit {
                defer { waiting = [] }
                return waiting
            }
            defer { waiting.removeFirst(limit) }
            return Array(waiting.prefix(limit))
        }
    }

    /// Accepts nothing more. Waiting jobs are still done.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    /// Blocks until all threads have ended.
    func join() {
        condition.withLock {
            while threads > 0 { condition.wait() }
        }
    }
}
