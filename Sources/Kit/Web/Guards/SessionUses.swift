import Synchronization
import Values

/// Records when sessions were last used, for the list where people look for sessions that they do not recognize (X66).
/// Only Identity stores sessions, but every service checks them without it. So each process keeps the uses in memory
/// for a while, and sends them to Identity from time to time. If a process ends before that, its records are lost,
/// which does no harm.
package final class SessionUses: Sendable {
    private struct State {
        /// When each session was last recorded, so that a busy session is not recorded too often.
        var noted: [ID: Instant] = [:]
        var waiting: [ID: Instant] = [:]
    }

    /// The minimum time between two records of one session, in seconds.
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

    /// Returns what was recorded since the last call.
    package func take() -> [ID: Instant] {
        state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting
        }
    }

    /// Puts back uses that could not be sent. Later records are kept.
    package func putBack(_ uses: [ID: Instant]) {
        state.withLock { state in
            guard state.waiting.count < SessionUses.most else { return }
            state.waiting.merge(uses) { newer, _ in newer }
        }
    }
}
