import Synchronization

/// Ends transfers that are under way, on whichever thread: a program that is told to stop cannot wait a minute for a
/// server that says nothing. Shared by all clients of a program.
package final class Halt: Sendable {
    private let moment = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    /// Transfers may go on for this long; libcurl looks up at least once a second.
    package func call(in grace: Duration) {
        moment.withLock { $0 = .now + grace }
    }

    var isDue: Bool {
        moment.withLock { $0 }.map { $0 <= .now } ?? false
    }
}
