import Foundation
import Logging
import Storage
import Synchronization

/// Says what a start is at when it takes long: after a crash under load a database takes its last pages over first, and an
/// upgrade its steps.
final class StartWatch: Sendable {
    /// How long nobody wonders, and how often it is said then, in seconds.
    private static let patience = 2.0

    private let part = Mutex("")
    private let over = Signal()

    init(_ logger: Logger) {
        let thread = Thread { [self] in
            var seconds = 0.0
            while true {
                over.wait(past: 0, atMost: StartWatch.patience)
                guard !over.isOver else { return }
                seconds += StartWatch.patience
                let part = part.withLock { $0 }
                logger.notice("still starting after \(Int(seconds)) s: \(part)")
            }
        }
        thread.name = "start"
        thread.start()
    }

    func begin(_ what: String) {
        part.withLock { $0 = what }
    }

    func end() {
        over.end()
    }
}
