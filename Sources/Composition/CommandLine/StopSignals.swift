import Foundation
import Synchronization

/// Whether somebody has asked this process to stop. Set by a signal handler, in which little else is allowed.
private let isAsked = Atomic(false)

/// Ctrl-C, SIGTERM and SIGHUP, while a verb does long work that cleans up after itself.
struct StopSignals: Sendable {
    init() {
        // Initialised here, because a handler may not do that.
        isAsked.store(false, ordering: .relaxed)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number) { _ in isAsked.store(true, ordering: .relaxed) }
        }
    }

    /// - Throws: ``Failure`` once somebody has asked to stop.
    func check() throws {
        if isAsked.load(ordering: .relaxed) { throw Failure(.refused, "stopped; nothing was left behind") }
    }
}
