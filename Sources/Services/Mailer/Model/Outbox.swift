import Storage
import Values

/// Whether letters may leave the house, and how the mail server does: one row.
struct Outbox: Sendable, Hashable {
    /// Letters about what happened before this are kept; `nil` while there is no mail server.
    let sendsFrom: Instant?
    /// Since when everything is held because the data came from a backup.
    let heldAt: Instant?
    /// While the server is away nothing is tried before this.
    let pausedUntil: Instant?
    /// Since when the server is away, how often it was tried, and what it said.
    let awaySince: Instant?
    let failures: Int
    let words: String

    /// Whether a letter about something that happened then is to be sent.
    func sends(_ time: Instant) -> Bool {
        sendsFrom.map { time >= $0 } ?? false
    }

    static func read(in transaction: any Transaction) throws -> Outbox {
        try row(of: try transaction.fetchOne(select))
    }

    /// As ``read(in:)``, and nobody changes it before this transaction ends.
    static func shared(in transaction: any Transaction) throws -> Outbox {
        try row(of: try transaction.fetchSharing(select).first)
    }

    /// Called at each start. Turning sending on sends only what comes after; turning it off keeps what still waits.
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

    /// The server took or refused a letter: it is there.
    static func serverIsThere(in transaction: any Transaction) throws {
        try transaction.send(
            """
            UPDATE outbox SET paused_until = NULL, away_since = NULL, failures = 0, words = ''
            WHERE away_since IS NOT NULL
            """)
    }

    /// The server cannot be reached: everything waits, with growing pauses.
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

/// How long to wait before trying again, in seconds.
enum Pauses {
    private static let letters: [Int64] = [60, 300, 900, 1800, 3600, 7200, 14_400]
    private static let servers: [Int64] = [5, 15, 30, 60, 120, 300, 600]

    /// A letter is tried for this long, and then given up.
    static let patience: Int64 = 5 * 86_400
    /// Nobody else takes a letter for this long after an attempt began: longer than any attempt lasts.
    static let attempt: Int64 = 90
    /// Until a person's address is asked for again who is not known yet.
    static let unknown: Int64 = 60

    /// Nothing waits longer than this.
    static let longest: Int64 = 14_400

    static func letter(after failures: Int) -> Int64 { letters[min(failures, letters.count - 1)] }
    static func server(after failures: Int) -> Int64 { servers[min(failures, servers.count - 1)] }
}
