import Synchronization

/// Admits a limited number of callers at a time, and refuses all others at once.
package final class ConcurrencyLimit: Sendable {
    private let free: Mutex<Int>

    package init(places: Int) {
        free = Mutex(places)
    }

    /// Takes a place. Returns `false` if there is none; otherwise call ``leave()`` to give it back.
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
