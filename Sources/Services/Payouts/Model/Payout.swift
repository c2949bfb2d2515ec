import Contracts
import Messaging
import Schemas
import Storage
import Values

/// One payout in its present state.
struct Payout: Hashable, Sendable {
    enum State: String, CaseIterable, JSONWord {
        /// Nothing is on its way: the payout waits for a destination, for a release, or for its turn.
        case pending
        /// Sent to the provider, whose answer is not final yet.
        case sent
        case paid
        /// The provider has refused it for certain; it waits for an accountant.
        case failed
    }

    /// The id from Accounting; also the idempotency key at the provider.
    let id: ID
    let person: ID
    let day: Day
    let sum: Cents
    let state: State
    /// The last attempt; 0 before the first.
    let attempt: Int
    /// How often the provider was asked about the present attempt.
    let tries: Int
    /// When the job acts next; `nil` if only a person can act.
    let dueAt: Instant?
    let requestedAt: Instant
    /// When the present state began.
    let changedAt: Instant
    let trace: String
    /// The payout is above the limit, and waits for a release.
    let isLimited: Bool
    /// The person who released it.
    let releasedBy: ID?
    /// See ``PayoutCodes``.
    let code: [UInt8]?

    static let columns = SQL(
        """
        id, person, day, sum, state, attempt, tries, due_at, requested_at, changed_at, trace, limited, released_by, code
        """)

    init(_ row: Row) throws {
        id = try row(0)
        person = try row(1)
        day = try row(2)
        sum = try row(3)
        let word: String = try row(4)
        guard let state = State(rawValue: word) else { throw StorageError.decoding("a payout is \(word)") }
        self.state = state
        attempt = try row(5)
        tries = try row(6)
        dueAt = try row(7)
        requestedAt = try row(8)
        changedAt = try row(9)
        trace = try row(10)
        isLimited = try row(11)
        releasedBy = try row(12)
        code = try row(13)
    }

    /// Publishes what a person has decided about it. Called after the change; each attempt is decided about once.
    func tell(
        _ what: PayoutDecided.What, by person: ID, note: String? = nil, at now: Instant, trace: String,
        to journal: Journal,
        in transaction: any Transaction
    ) throws {
        try journal.append(
            PayoutDecided(
                payout: id, person: self.person, day: day, sum: sum, what: what.rawValue, by: person, note: note,
                time: now),
            id: id.derived("\(what.rawValue) \(attempt)"), at: now, trace: trace, in: transaction)
    }

    static func of(_ id: ID, in transaction: any Transaction) throws -> Payout? {
        try transaction.fetchOne("SELECT \(columns) FROM payout WHERE id = \(id)").map(Payout.init)
    }

    /// Reads the payout and locks its row until the transaction ends.
    static func locked(_ id: ID, in transaction: any Transaction) throws -> Payout? {
        try transaction.fetchLocking("SELECT \(columns) FROM payout WHERE id = \(id)").first.map(Payout.init)
    }
}
