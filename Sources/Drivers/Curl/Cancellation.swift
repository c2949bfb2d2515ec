import Synchronization

/// Ends transfers that are under way on any thread: a program that is told to stop cannot wait a minute for a server
/// that says nothing. All clients of a program share it.
package final class Cancellation: Sendable {
    private let moment = Mutex<ContinuousClock.Instant?>(nil)

    package init() {}

    /// Lets transfers go on for this long. libcurl checks at least once a second.
    package func call(in grace: Duration) {
        moment.withLock { $0 = .now + grace }
    }

    var isDue: Bool {
        moment.withLock { $0 }.map { $0 <= .now } ?? false
    }
}
