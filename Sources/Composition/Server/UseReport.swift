import Contracts
import Hosting
import Logging
import Synchronization
import Values
import Web

/// From time to time, reports to Identity which sessions were used in this process, wherever Identity runs (X66).
final class UseReport: Sendable {
    private static let every = 15.0

    private let uses: SessionUses
    private let asker: any Asker
    private let logger: Logger
    private let threads = HostThreads(name: "sessions")
    /// Whether a failure was logged. It is logged once, because work goes on without this.
    private let isTold = Mutex(false)

    init(_ uses: SessionUses, asker: any Asker, logger: Logger) {
        self.uses = uses
        self.asker = asker
        self.logger = logger
    }

    func start() {
        threads.begin("uses") { [self] in
            while !threads.isEnding {
                threads.rest(UseReport.every)
                handOver()
            }
        }
    }

    /// Ends the thread, once it has reported what there is. To be called before the databases are closed.
    func stop() {
        threads.end()
    }

    /// Returns whether there was something to report and Identity took it. If not, it is sent again with the next
    /// report.
    @discardableResult
    func handOver() -> Bool {
        let found = uses.take()
        guard !found.isEmpty else { return false }
        do {
            let all = found.sorted { $0.key < $1.key }.map { SessionUse(session: $0.key, at: $0.value) }
            for some in all.chunks(of: IdentityQuestions.mostUses) {
                _ = try asker.ask(IdentityQuestions.uses, of: "identity", some)
            }
            isTold.withLock { $0 = false }
            return true
        } catch {
            uses.putBack(found)
            let isFirst = isTold.withLock { told in
                defer { told = true }
                return !told
            }
            if isFirst { logger.warning("Identity cannot be told yet which sessions are used: \(error)") }
            return false
        }
    }
}
