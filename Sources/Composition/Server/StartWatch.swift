import Hosting
import Logging
import Synchronization

/// Reports what a start is doing if it takes long: after a crash under load a database first recovers its last pages,
/// and an upgrade runs its steps.
final class StartWatch: Sendable {
    /// How many seconds pass before the first report, and between reports.
    private static let patience = 2.0

    private let part = Mutex("")
    private let threads = HostThreads(name: "start")

    init(_ logger: Logger) {
        threads.begin("watch") { [self] in
            var seconds = 0.0
            while true {
                threads.rest(StartWatch.patience)
                guard !threads.isEnding else { return }
                seconds += StartWatch.patience
                let part = part.withLock { $0 }
                logger.notice("still starting after \(Int(seconds)) s: \(part)")
            }
        }
    }

    func begin(_ what: String) {
        part.withLock { $0 = what }
    }

    func end() {
        threads.end()
    }
}
