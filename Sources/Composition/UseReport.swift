import Contracts
import Hosting
import Logging
import Synchronization
import Values
import Web

/// Hands over to Identity which sessions this process has seen used, now and then, wherever Identity is (X66).
final class UseReport: Sendable {
    private static let every = 15.0

    private let uses: SessionUses
    private let asker: any Asker
    private let logger: Logger
    private let threads = HostThreads(name: "sessions")
    /// Said once: work goes on without it.
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

    /// Ends the thread, once it has handed over what there is. To be called before the databases are closed.
    func stop() {
        threads.end()
    }

    /// Whether there was anything, and it was taken. What was not is tried again with the next.
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
