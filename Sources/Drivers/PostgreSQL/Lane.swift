import Foundation
import Logging
import Storage

/// A queue of bodies, and the threads that take them from it, each with a connection of its own.
final class Lane: Sendable {
    typealias Job = @Sendable (_ session: LaneSession, _ asked: ContinuousClock.Instant) -> Void

    // All state is guarded by the condition's lock.
    private final class State: @unchecked Sendable {
        let condition = Condition()
        var jobs: [(run: Job, asked: ContinuousClock.Instant)] = []
        /// Where the queue begins in `jobs`; what is before it has been taken.
        var first = 0
        var refusing = false
        var threads: Set<ObjectIdentifier> = []
        var running: Int

        init(running: Int) {
            self.running = running
        }
    }

    private let state: State

    init(name: String, count: Int, connection: String, options: PostgreSQLOptions, logger: Logger) {
        let count = max(1, count)
        state = State(running: count)
        for number in 1...count {
            let thread = Thread { [self] in
                Thread.nameCurrent("\(name)-\(number)")
                let session = LaneSession(connection: connection, options: options, lane: self, logger: logger)
                work(session)
            }
            thread.start()
        }
    }

    /// Puts a body in the queue; returns `false` once ``refuse()`` was called.
    func take(_ job: @escaping Job) -> Bool {
        state.condition.withLock {
            if state.refusing { return false }
            state.jobs.append((job, .now))
            // Broadcast, because a thread that pauses before it reconnects waits for the same condition.
            state.condition.broadcast()
            return true
        }
    }

    /// Accepts nothing more. What is in the queue is still done.
    func refuse() {
        state.condition.withLock {
            state.refusing = true
            state.condition.broadcast()
        }
    }

    var isRefusing: Bool {
        state.condition.withLock { state.refusing }
    }

    /// Blocks until the threads have ended. Does not block if one of them calls it: it would wait for itself.
    func join() {
        state.condition.withLock {
            if state.threads.contains(ObjectIdentifier(Thread.current)) { return }
            while state.running > 0 { state.condition.wait() }
        }
    }

    /// Blocks a thread of this lane for `duration`, or until the lane accepts no more.
    func pause(_ duration: Duration) {
        let deadline = ContinuousClock.now + duration
        state.condition.withLock {
            while !state.refusing && state.condition.wait(until: deadline) {}
        }
    }

    private func work(_ session: LaneSession) {
        let me = ObjectIdentifier(Thread.current)
        state.condition.withLock { _ = state.threads.insert(me) }
        while let job = next() {
            job.run(session, job.asked)
        }
        session.disconnect()
        state.condition.withLock {
            state.threads.remove(me)
            state.running -= 1
            state.condition.broadcast()
        }
    }

    private func next() -> (run: Job, asked: ContinuousClock.Instant)? {
        state.condition.withLock {
            while state.first == state.jobs.count {
                if state.refusing { return nil }
                state.condition.wait()
            }
            let job = state.jobs[state.first]
            state.first += 1
            // Taken jobs are removed when they are half of the array, so that taking costs the same in a queue of any
            // length.
            if state.first * 2 > state.jobs.count {
                state.jobs.removeFirst(state.first)
                state.first = 0
            }
            return job
        }
    }
}
