import Schemas
import Storage
import Values

/// One attempt: a payout was sent to a provider.
struct Attempt: Hashable, Sendable {
    enum Outcome: String, CaseIterable, JSONWord {
        /// The outcome is not known yet.
        case open
        case accepted
        case paid
        case refused
    }

    let payout: ID
    let number: Int
    /// The provider's name.
    let provider: String
    /// The destination that it was sent to. It stays as it was, even if the person's destination changes. `nil` if only
    /// the provider knows of this attempt (after a restore).
    let sealed: [UInt8]?
    let tail: String?
    /// Who asked for it, if it is a retry.
    let askedBy: ID?
    let startedAt: Instant
    /// How often the provider was called for this attempt.
    let calls: Int
    /// The last error in reaching the provider.
    let trouble: String?
    let outcome: Outcome
    let reason: String?
    let reference: String?
    let endedAt: Instant?
    /// Who decided the outcome, if the provider could not be asked any more.
    let settledBy: ID?
    /// The sum that the provider says it has paid, if that is not what was asked for.
    let disputed: Cents?

    static let columns = SQL(
        """
        payout, number, provider, sealed, tail, asked_by, started_at, calls, trouble, outcome, reason, reference, \
        ended_at, settled_by, disputed
        """)

    init(_ row: Row) throws {
        payout = try row(0)
        number = try row(1)
        provider = try row(2)
        sealed = try row(3)
        tail = try row(4)
        askedBy = try row(5)
        startedAt = try row(6)
        calls = try row(7)
        trouble = try row(8)
        let word: String = try row(9)
        guard let outcome = Outcome(rawValue: word) else { throw StorageError.decoding("an attempt is \(word)") }
        self.outcome = outcome
        reason = try row(10)
        reference = try row(11)
        endedAt = try row(12)
        settledBy = try row(13)
        disputed = try row(14)
    }

    static func of(_ payout: ID, _ number: Int, in transaction: any Transaction) throws -> Attempt? {
        try transaction.fetchOne(
            "SELECT \(columns) FROM attempt WHERE payout = \(payout) AND number = \(number)"
        ).map(Attempt.init)
    }

    /// All attempts of a payout, the latest first. There are as many as people have asked for.
    static func all(of payout: ID, in transaction: any Transaction) throws -> [Attempt] {
        try transaction.fetch(
            "SELECT \(columns) FROM attempt WHERE payout = \(payout) ORDER BY number DESC LIMIT 1000"
        ).map(Attempt.init)
    }
}
