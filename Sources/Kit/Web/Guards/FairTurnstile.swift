import Synchronization

/// A turnstile that no single client can fill: a limit in total, and a limit for each client (an address, a person).
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
    ///   - each: the maximum number of places for one client...
    ///   - crowded: ...once this many are taken in total. Before that, one client may have any number.
    package init(places: Int, each: Int, onceTaken crowded: Int = 0) {
        self.places = places
        self.each = each
        self.crowded = crowded
    }

    /// Takes a place. Returns `false` if there is none; otherwise call ``leave(_:)`` to give it back.
    ///
    /// - Parameter key: the client; `nil` for a client that only counts in the total.
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
