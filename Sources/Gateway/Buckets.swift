import Synchronization
import Values

/// Token buckets, one for each key. Each is stored as the moment at which it will be full again.
package final class Buckets<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var fullAt: [Key: Double] = [:]
        var sweptAt = 0.0
    }

    private let state = Mutex(State())
    private let rate: GatewayOptions.Rate
    private let uptime: @Sendable () -> Int64
    /// At most this many are kept; with one more, all buckets start full again.
    private static var most: Int { 200_000 }

    package init(_ rate: GatewayOptions.Rate, uptime: @escaping @Sendable () -> Int64) {
        self.rate = rate
        self.uptime = uptime
    }

    /// Takes a token. Returns `nil` if there was one, otherwise the seconds until there is one.
    package func take(_ key: Key) -> Int? {
        guard rate.perSecond > 0 else { return nil }
        let now = Double(uptime()) / 1000
        let one = 1 / rate.perSecond
        return state.withLock { state in
            sweep(&state, now)
            let fullAt = max(now, state.fullAt[key] ?? now)
            // With `burst` tokens taken the bucket is empty, and full again after the time for that many tokens.
            let wait = fullAt + one - now - rate.burst * one
            guard wait <= 1e-9 else { return max(1, Int(wait.rounded(.up))) }
            state.fullAt[key] = fullAt + one
            return nil
        }
    }

    private func sweep(_ state: inout State, _ now: Double) {
        guard now - state.sweptAt > 10 || state.fullAt.count >= Self.most else { return }
        state.sweptAt = now
        state.fullAt = state.fullAt.filter { $0.value > now }
        if state.fullAt.count >= Self.most { state.fullAt = [:] }
    }

    /// How many buckets are not full.
    package var count: Int { state.withLock { $0.fullAt.count } }
}
