import Foundation
import Synchronization

/// Whether somebody has asked this process to stop. Set from a signal's handler, where little else is allowed.
private let isAsked = Atomic(false)

/// Ctrl-C and a request to end, while a verb does long work that cleans up after itself.
struct StopSignals: Sendable {
    init() {
        // Made here, since a handler may not make it.
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
