import Synchronization
import Values

/// What a token bucket gives: this many requests a second in the long run, and this many at once. A rate of 0 means no
/// limit.
package struct Rate: Sendable, Hashable {
    package var perSecond: Double
    package var burst: Double

    package init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// The rate of a bucket that is so many times as wide.
    package func times(_ factor: Double) -> Rate {
        Rate(perSecond: perSecond * factor, burst: burst * factor)
    }
}

/// Token buckets, one for each key. Each is stored as the moment at which it will be full again.
package final class Buckets<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var fullAt: [Key: Double] = [:]
        var sweptAt = 0.0
    }

    private let state = Mutex(State())
    private let rate: Rate
    private let uptime: @Sendable () -> Int64
    private let most: Int

    /// - Parameter most: at most this many buckets are kept. With one more, the fullest are forgotten: these start full
    ///   again. So whoever fills the list with new keys gets nothing back that an older key has spent.
    package init(_ rate: Rate, uptime: @escaping @Sendable () -> Int64, most: Int = 200_000) {
        self.rate = rate
        self.uptime = uptime
        self.most = most
    }

    /// Takes a token. Returns `nil` if there was one, otherwise the seconds until there is one.
    ///
    /// - Parameter wider: takes a token of a bucket for many keys, in the same way; it is called if this one has a
    ///   token. If either has none, none is taken: so nobody empties the wider bucket with requests that are refused.
    package func take(_ key: Key, and wider: () -> Int? = { nil }) -> Int? {
        guard rate.perSecond > 0 else { return wider() }
        let now = Double(uptime()) / 1000
        let one = 1 / rate.perSecond
        return state.withLock { state in
            sweep(&state, now)
            let fullAt = max(now, state.fullAt[key] ?? now)
            // With `burst` tokens taken the bucket is empty, and full again after the time for that many tokens.
            let wait = fullAt + one - now - rate.burst * one
            // A rate may be as small as somebody writes it.
            guard wait <= 1e-9 else { return max(1, Int(min(wait, 86_400).rounded(.up))) }
            if let wait = wider() { return wait }
            state.fullAt[key] = fullAt + one
            return nil
        }
    }

    private func sweep(_ state: inout State, _ now: Double) {
        let isCrowded = state.fullAt.count >= most
        guard now - state.sweptAt > 10 || isCrowded else { return }
        state.sweptAt = now
        state.fullAt = state.fullAt.filter { $0.value > now }
        // A quarter is freed at once, so that not every new key has to sort.
        let kept = most / 4 * 3
        guard isCrowded, state.fullAt.count > kept else { return }
        let fullest = state.fullAt.values.sorted()[state.fullAt.count - kept - 1]
        state.fullAt = state.fullAt.filter { $0.value > fullest }
    }

    /// How many buckets are not full.
    package var count: Int { state.withLock { $0.fullAt.count } }
}

/// Token buckets of networks: one for each subscriber, and one that is ten times as wide for each site (IPv6 /48).
/// Without the wider one, somebody with a site has 65,536 networks to send from, and with a /44 a million.
package final class NetworkBuckets: Sendable {
    private static let width = 10.0

    private let subscribers: Buckets<String>
    private let sites: Buckets<String>

    /// - Parameters:
    ///   - rate: of a subscriber.
    ///   - most: at most this many buckets of each kind are kept, see ``Buckets``.
    package init(_ rate: Rate, uptime: @escaping @Sendable () -> Int64, most: Int = 200_000) {
        subscribers = Buckets(rate, uptime: uptime, most: most)
        sites = Buckets(rate.times(NetworkBuckets.width), uptime: uptime, most: most)
    }

    /// Takes a token. Returns `nil` if there was one, otherwise the seconds until there is one.
    ///
    /// - Parameter address: all requests without an address share one bucket.
    package func take(_ address: NetworkAddress?) -> Int? {
        subscribers.take(address?.subscriber ?? "") { address?.site.flatMap { sites.take($0) } }
    }

    /// How many subscribers' buckets are not full.
    package var count: Int { subscribers.count }
}
