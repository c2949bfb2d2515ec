import Synchronization

/// Says whether the time of day can be relied on for letting something lapse (X65): only where it has gone with this
/// process' uptime for an hour. A clock that is ten years ahead for some seconds, or at a start that is broken off, then
/// ends nothing for good: what is only refused because its time seems over is good again when the clock is right.
package final class ClockWatch: Sendable {
    /// How long the clock must have been steady.
    package static let milliseconds: Int64 = 3_600_000
    /// A clock that is corrected by less than this is still the same clock.
    private static let tolerance: Int64 = 60_000

    private struct State {
        /// The time of day less the uptime.
        var offset: Int64
        var since: Int64
    }

    private let state: Mutex<State>

    /// - Parameter uptime: milliseconds.
    package init(now: Instant, uptime: Int64) {
        state = Mutex(State(offset: now.milliseconds - uptime, since: uptime))
    }

    package func isSteady(now: Instant, uptime: Int64) -> Bool {
        state.withLock { state in
            let offset = now.milliseconds - uptime
            if abs(offset - state.offset) > ClockWatch.tolerance { state = State(offset: offset, since: uptime) }
            return uptime - state.since >= ClockWatch.milliseconds
        }
    }
}
