import Synchronization
import Values

/// Notes when sessions were last used, for the list in which a person looks for what they do not know (X66). Identity
/// alone keeps sessions, and every service checks them without it; so each process remembers for a while, and hands over
/// now and then what it has seen. What a process that ends has not handed over is lost, and harms nobody.
package final class SessionUses: Sendable {
    private struct State {
        /// When each was noted last, so that a busy session is noted once in a while.
        var noted: [ID: Instant] = [:]
        var waiting: [ID: Instant] = [:]
    }

    /// How far apart two notes of one session are.
    package static let apart: Int64 = 60
    private static let most = 20_000

    private let state = Mutex(State())

    package init() {}

    package func note(_ session: ID, at now: Instant) {
        state.withLock { state in
            if let last = state.noted[session], now >= last, now < last.adding(seconds: SessionUses.apart) { return }
            if state.noted.count >= SessionUses.most { state.noted = [:] }
            state.noted[session] = now
            if state.waiting.count < SessionUses.most { state.waiting[session] = now }
        }
    }

    /// What was noted since the last time.
    package func take() -> [ID: Instant] {
        state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
    }

    /// Puts back what could not be handed over; what was noted meanwhile stays.
    package func putBack(_ uses: [ID: Instant]) {
        state.withLock { state in
            guard state.waiting.count < SessionUses.most else { return }
            state.waiting.merge(uses) { newer, _ in newer }
        }
    }
}
