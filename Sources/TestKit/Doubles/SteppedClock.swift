import Synchronization
import Values

/// A clock that moves only when a test says so, with randomness and ids from a seed: the same seed gives the same run.
package final class SteppedClock: Sendable {
    private struct State {
        var now: Instant
        var uptime: Int64 = 0
        var generator: SplitMix64
        var lastID: (milliseconds: Int64, count: UInt64) = (0, 0)
    }

    private let state: Mutex<State>
    private let watch: ClockWatch

    /// - Parameter start: the first moment; by default 2026-03-02T09:00:00Z, a Monday.
    package init(seed: UInt64 = 1, start: Instant = Instant(seconds: 1_772_442_000)) {
        state = Mutex(State(now: start, generator: SplitMix64(seed: seed)))
        watch = ClockWatch(now: start, uptime: 0)
    }

    package var now: Instant { state.withLock { $0.now } }

    package func advance(seconds: Int64) {
        advance(milliseconds: seconds * 1000)
    }

    package func advance(milliseconds: Int64) {
        state.withLock {
            $0.now = $0.now.adding(milliseconds: milliseconds)
            $0.uptime += max(0, milliseconds)
        }
    }

    /// Sets the time of day, also backwards; uptime is not changed.
    package func set(_ instant: Instant) {
        state.withLock { $0.now = instant }
    }

    package var environment: Environment {
        Environment(
            now: { self.state.withLock { $0.now } },
            uptime: { self.state.withLock { $0.uptime } },
            random: { self.state.withLock { $0.generator.next() } },
            newID: {
                self.state.withLock { state in
                    if state.now.milliseconds > state.lastID.milliseconds {
                        state.lastID = (state.now.milliseconds, 0)
                    } else if state.lastID.count < 0xFFF {
                        state.lastID.count += 1
                    } else {
                        state.lastID = (state.lastID.milliseconds + 1, 0)
                    }
                    return ID(
                        milliseconds: state.lastID.milliseconds, random: (state.lastID.count, state.generator.next()))
                }
            }, watch: watch)
    }
}
