import Synchronization

/// Decides whether the time of day is reliable enough to let something lapse for good (X65). It is, only if it has run
/// in step with this process's uptime for an hour. So if a clock is ten years ahead for some seconds, or during a start
/// that is aborted, nothing is ended for good. Something that is refused only because its time seems over is valid
/// again once the clock is right.
package final class ClockWatch: Sendable {
    /// How long the clock must have been steady, in milliseconds.
    package static let milliseconds: Int64 = 3_600_000
    /// A correction of the clock by less than this, in milliseconds, does not count as a jump.
    private static let tolerance: Int64 = 60_000

    private struct State {
        /// The time of day minus the uptime.
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
