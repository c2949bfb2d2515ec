import Foundation
import Storage

/// What to do once everything about a transaction is settled: tell whoever asked.
typealias Answer = @Sendable () -> Void

/// A body that waits for its transaction.
struct Job: Sendable {
    let onlyReads: Bool
    /// Runs the body; what it returns answers with its result.
    let attempt: @Sendable (any Transaction) throws -> Answer
    let fail: @Sendable (any Error) -> Void

    init<T: Sendable>(
        onlyReads: Bool,
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        self.onlyReads = onlyReads
        attempt = { transaction in
            let value = try body(transaction)
            return { done(.success(value)) }
        }
        fail = { done(.failure($0)) }
    }
}

/// The jobs that wait for one or more threads, and those threads.
// Unchecked: all state is behind the condition's lock.
final class WorkQueue: @unchecked Sendable {
    private let condition = Condition()
    private var waiting: [Job] = []
    private var isClosed = false
    private var threads = 0

    /// Starts a thread that runs `work` on what it takes, at most `limit` at a time, until the queue is closed and
    /// empty; then `finish`.
    func startThread(
        named name: String, taking limit: Int, _ work: @escaping @Sendable ([Job]) -> Void,
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

    func add(_ job: Job) {
        let isTaken = condition.withLock {
            guard !isClosed else { return false }
            waiting.append(job)
            condition.signal()
            return true
        }
        if !isTaken { job.fail(StorageError.closed) }
    }

    private func take(_ limit: Int) -> [Job]? {
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

    /// Takes nothing more. What waits is still done.
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
