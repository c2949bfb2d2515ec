import Foundation
import Logging
import Storage
import Synchronization
import Values
import Web

/// Hands over to Identity which sessions this process has seen used, now and then, wherever Identity is (X66).
final class UseReport: Sendable {
    private static let every = 15.0

    private let uses: SessionUses
    private let tell: @Sendable ([ID: Instant]) throws -> Void
    private let logger: Logger
    private let ending = Signal()
    private let ended = Signal()
    private let isRunning = Mutex(false)
    /// Said once: work goes on without it.
    private let isTold = Mutex(false)

    init(_ uses: SessionUses, logger: Logger, tell: @escaping @Sendable ([ID: Instant]) throws -> Void) {
        self.uses = uses
        self.tell = tell
        self.logger = logger
    }

    func start() {
        isRunning.withLock { $0 = true }
        let thread = Thread { [self] in
            while !ending.isOver {
                ending.wait(past: 0, atMost: UseReport.every)
                handOver()
            }
            ended.end()
        }
        thread.name = "uses of sessions"
        thread.start()
    }

    /// Ends the thread, once it has handed over what there is. To be called before the databases are closed.
    func stop() {
        ending.end()
        while isRunning.withLock({ $0 }), !ended.isOver { ended.wait(past: ended.count, atMost: 1) }
    }

    /// Whether there was anything, and it was taken. What was not is tried again with the next.
    @discardableResult
    func handOver() -> Bool {
        let found = uses.take()
        guard !found.isEmpty else { return false }
        do {
            try tell(found)
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
