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

/// A turnstile that one of many cannot fill: so many places in all, and so many of them for one (an address, a person).
package final class FairTurnstile<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var taken = 0
        var each: [Key: Int] = [:]
    }

    private let state = Mutex(State())
    private let places: Int
    private let each: Int
    private let crowded: Int

    /// - Parameters:
    ///   - each: how many places one may have...
    ///   - crowded: ...while so many are taken in all; before that, one may have any number.
    package init(places: Int, each: Int, onceTaken crowded: Int = 0) {
        self.places = places
        self.each = each
        self.crowded = crowded
    }

    /// Whether there was a place; then ``leave(_:)`` gives it back.
    ///
    /// - Parameter key: who wants it; `nil` for who is not counted, but for the place.
    package func enter(_ key: Key?) -> Bool {
        state.withLock { state in
            guard state.taken < places else { return false }
            if let key {
                let own = state.each[key, default: 0]
                guard own < each || state.taken < crowded else { return false }
                state.each[key] = own + 1
            }
            state.taken += 1
            return true
        }
    }

    package func leave(_ key: Key?) {
        state.withLock { state in
            state.taken -= 1
            guard let key, let own = state.each[key] else { return }
            state.each[key] = own > 1 ? own - 1 : nil
        }
    }
}
