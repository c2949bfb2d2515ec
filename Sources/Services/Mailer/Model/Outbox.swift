import Storage
import Values

/// Whether letters may be sent, and whether the mail server is there: one row.
struct Outbox: Sendable, Hashable {
    /// Letters about earlier changes are kept; `nil` while there is no mail server.
    let sendsFrom: Instant?
    /// Since when all letters are held because the data came from a backup.
    let heldAt: Instant?
    /// While the server is away, nothing is sent before this time.
    let pausedUntil: Instant?
    /// Since when the server is away, how often it was tried, and its last answer.
    let awaySince: Instant?
    let failures: Int
    let words: String

    /// Whether a letter about something at this time is to be sent.
    func sends(_ time: Instant) -> Bool {
        sendsFrom.map { time >= $0 } ?? false
    }

    static func read(in transaction: any Transaction) throws -> Outbox {
        try row(of: try transaction.fetchOne(select))
    }

    /// Like ``read(in:)``, but nobody can change the row before this transaction ends.
    static func shared(in transaction: any Transaction) throws -> Outbox {
        try row(of: try transaction.fetchSharing(select).first)
    }

    /// Called at each start. If sending is turned on, only letters about later changes are sent; if it is turned off,
    /// letters that still wait are kept.
    static func prepare(sends: Bool, at now: Instant, in transaction: any Transaction) throws {
        try transaction.send(insertion)
        if sends {
            try transaction.send("UPDATE outbox SET sends_from = \(now) WHERE sends_from IS NULL")
            return
        }
        try transaction.send(
            """
            UPDATE outbox SET sends_from = NULL, held_at = NULL, paused_until = NULL, away_since = NULL, failures = 0,
            words = ''
            """)
        try LetterQueue.keepWaiting(at: now, in: transaction)
    }

    static func hold(at now: Instant, in transaction: any Transaction) throws {
        try transaction.send(insertion)
        try transaction.send("UPDATE outbox SET held_at = \(now)")
    }

    static func release(in transaction: any Transaction) throws {
        try transaction.send("UPDATE outbox SET held_at = NULL")
    }

    /// Called after the server took or refused a letter: the server is there.
    static func serverIsThere(in transaction: any Transaction) throws {
        try transaction.send(
            """
            UPDATE outbox SET paused_until = NULL, away_since = NULL, failures = 0, words = ''
            WHERE away_since IS NOT NULL
            """)
    }

    /// Called if the server cannot be reached: all letters wait, with growing pauses.
    func serverIsAway(_ words: String, at now: Instant, in transaction: any Transaction) throws {
        let pause = Pauses.server(after: failures)
        try transaction.send(
            """
            UPDATE outbox SET paused_until = \(now.adding(seconds: pause)), failures = failures + 1,
            words = \(words), away_since = COALESCE(away_since, \(now))
            """)
    }

    private static let insertion: SQL = """
        INSERT INTO outbox (one, sends_from, held_at, paused_until, away_since, failures, words)
        VALUES (1, NULL, NULL, NULL, NULL, 0, '') ON CONFLICT (one) DO NOTHING
        """
    private static let select: SQL =
        "SELECT sends_from, held_at, paused_until, away_since, failures, words FROM outbox WHERE one = 1"

    private static func row(of row: Row?) throws -> Outbox {
        guard let row else { throw StorageError.failed("no row in outbox: mailer is not prepared") }
        return Outbox(
            sendsFrom: try row(0), heldAt: try row(1), pausedUntil: try row(2), awaySince: try row(3),
            failures: try row(4), words: try row(5))
    }
}
