/// A counter that threads can wait on. With it a relay learns that rows were committed, without polling. A waiter
/// passes the count that it has already seen, so it never misses a change that was noted before the wait.
package final class Signal: Sendable {
    // All state is behind the condition's lock.
    private final class State: @unchecked Sendable {
        let condition = Condition()
        var count: UInt64 = 0
        var ended = false
    }

    private let state = State()

    package init() {}

    /// How often ``note()`` was called.
    package var count: UInt64 {
        state.condition.withLock { state.count }
    }

    package func note() {
        state.condition.withLock {
            state.count &+= 1
            state.condition.broadcast()
        }
    }

    /// Whether ``end()`` was called.
    package var isOver: Bool {
        state.condition.withLock { state.ended }
    }

    /// Wakes all waiters, now and in every later wait.
    package func end() {
        state.condition.withLock {
            state.ended = true
            state.condition.broadcast()
        }
    }

    /// Blocks until the count is above `seen`, ``end()`` is called, or `seconds` have passed. Returns the count.
    @discardableResult
    package func wait(past seen: UInt64, atMost seconds: Double) -> UInt64 {
        let deadline = ContinuousClock.now + .seconds(seconds)
        return state.condition.withLock {
            while state.count == seen && !state.ended {
                if !state.condition.wait(until: deadline) { break }
            }
            return state.count
        }
    }
}
