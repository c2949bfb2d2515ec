import Synchronization

/// Lets so many in at a time, and turns everybody else away at once.
package final class Turnstile: Sendable {
    private let free: Mutex<Int>

    package init(places: Int) {
        free = Mutex(places)
    }

    /// Whether there was a place; then ``leave()`` gives it back.
    package func enter() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    package func leave() {
        free.withLock { $0 += 1 }
    }
}
