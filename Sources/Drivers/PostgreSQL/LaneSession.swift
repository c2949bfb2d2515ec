import Foundation
import Logging
import Storage

/// A thread's access to the server: its connection, made again if it was lost, and running bodies on it.
/// Used only on its thread.
final class LaneSession {
    private static let tries = 10
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.seconds(2)

    private let address: String
    private let options: PostgreSQLOptions
    private unowned let lane: Lane
    private let logger: Logger

    private var connection: PostgreSQLConnection?
    private var pause = LaneSession.firstPause
    /// The server is not contacted again before this time.
    private var quietUntil: ContinuousClock.Instant?
    /// Whether the last body that ``perform(_:askedAt:_:)`` ran has changed anything.
    private(set) var hasChanged = false

    init(connection: String, options: PostgreSQLOptions, lane: Lane, logger: Logger) {
        address = connection
        self.options = options
        self.lane = lane
        self.logger = logger
    }

    func disconnect() {
        connection = nil
    }

    /// Runs `body` in a transaction and ends the transaction. Runs it again if the server asks for that.
    func perform<T>(
        _ kind: PostgreSQLTransaction.Kind, askedAt asked: ContinuousClock.Instant,
        _ body: (any Transaction) throws -> T
    ) -> Result<T, any Error> {
        var attempt = 1
        while true {
            let connection: PostgreSQLConnection
            do {
                connection = try connected(askedAt: asked)
            } catch {
                return .failure(error)
            }
            let transaction = PostgreSQLTransaction(on: connection, kind)
            let changes = connection.changes
            do {
                let value = try body(transaction)
                try transaction.commit()
                hasChanged = connection.changes != changes
                return .success(value)
            } catch {
                let again = attempt < Self.tries && isWorthAnotherTry(transaction, attempt: attempt)
                leave(transaction, on: connection)
                if !again { return .failure(error) }
            }
            // Gives the other side of a deadlock a moment to finish.
            if attempt > 1 { Thread.sleep(forTimeInterval: Double(attempt) * 0.002) }
            attempt += 1
        }
    }

    private func isWorthAnotherTry(_ transaction: PostgreSQLTransaction, attempt: Int) -> Bool {
        guard let failure = transaction.failure else { return false }
        // Worth one more attempt with newly prepared statements; a feature that really is missing fails again.
        if failure.doubtsStatements { return attempt == 1 }
        if failure.isRepeatable { return true }
        // The connection had died while it was idle: nothing of this transaction has reached the server.
        if case .lost = failure { return attempt == 1 && !transaction.wasAnswered }
        return false
    }

    /// Rolls back and leaves the connection ready for the next body, or drops the connection.
    private func leave(_ transaction: PostgreSQLTransaction, on connection: PostgreSQLConnection) {
        transaction.rollBack()
        if transaction.failure?.doubtsStatements == true { connection.forgetStatements() }
        guard connection.isLost else { return }
        let error = transaction.failure?.words ?? "while rolling back"
        logger.warning("a connection was lost", metadata: ["error": "\(error)"])
        self.connection = nil
    }

    /// The connection, made if there is none. Waits for an unreachable server until the body's patience is used up.
    private func connected(askedAt asked: ContinuousClock.Instant) throws -> PostgreSQLConnection {
        if let connection {
            if connection.isAlive() { return connection }
            logger.notice("a connection was lost while idle")
            self.connection = nil
        }
        var lastError = "it could not be reached a moment ago"
        while true {
            if let quietUntil, quietUntil > .now {
                if quietUntil > asked + options.patience || lane.isRefusing {
                    throw StorageError.unavailable("the PostgreSQL server: \(lastError)")
                }
                lane.pause(quietUntil - .now)
                // If the pause was ended early, the lane is closing: one more attempt, and no more waiting.
            }
            do {
                let made = try PostgreSQLConnection(to: address, options: options)
                connection = made
                if quietUntil != nil { logger.notice("connected again") }
                quietUntil = nil
                pause = Self.firstPause
                return made
            } catch let failure as PostgreSQLFailure {
                lastError = failure.storageError.description
                if quietUntil == nil { logger.warning("cannot connect", metadata: ["error": "\(lastError)"]) }
                quietUntil = .now + pause
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }
}
