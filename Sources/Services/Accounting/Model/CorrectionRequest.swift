import Storage
import Values

/// A correction that is larger than the operation that it corrects. It waits until a second accountant or admin
/// confirms it, and is booked then (X23).
struct CorrectionRequest: Hashable, Sendable {
    enum State: String, CaseIterable, Sendable {
        case waiting, confirmed, refused
    }

    /// Once it is booked, also the id of the entry.
    let id: ID
    let account: ID
    /// The operation that it corrects.
    let entry: ID
    let sum: Cents
    let reason: String
    let author: ID
    let at: Instant
    let state: State
    /// Who confirmed or refused it, and when.
    let decidedBy: ID?
    let decidedAt: Instant?

    static let schema = [
        """
        CREATE TABLE correction_request (
            id BLOB PRIMARY KEY,
            account BLOB NOT NULL,
            entry BLOB NOT NULL,
            sum INTEGER NOT NULL,
            reason TEXT NOT NULL,
            author BLOB NOT NULL,
            at INTEGER NOT NULL,
            state TEXT NOT NULL,
            decided_by BLOB,
            decided_at INTEGER
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX correction_request_state ON correction_request (state, id)",
    ]

    private static let columns: SQL = "id, account, entry, sum, reason, author, at, state, decided_by, decided_at"

    private init(_ row: Row) throws {
        id = try row(0)
        account = try row(1)
        entry = try row(2)
        sum = try row(3)
        reason = try row(4)
        author = try row(5)
        at = try row(6)
        let word: String = try row(7)
        guard let state = State(rawValue: word) else { throw StorageError.decoding("a correction is \(word)") }
        self.state = state
        decidedBy = try row(8)
        decidedAt = try row(9)
    }

    init(id: ID, account: ID, entry: ID, sum: Cents, reason: String, author: ID, at: Instant) {
        self.id = id
        self.account = account
        self.entry = entry
        self.sum = sum
        self.reason = reason
        self.author = author
        self.at = at
        state = .waiting
        decidedBy = nil
        decidedAt = nil
    }

    func insert(in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO correction_request (id, account, entry, sum, reason, author, at, state)
            VALUES (\(id), \(account), \(entry), \(sum), \(reason), \(author), \(at), \(state.rawValue))
            """)
    }

    /// Reads the request and locks its row, so that two people who decide at the same time take turns.
    static func locked(_ id: ID, in transaction: any Transaction) throws -> CorrectionRequest? {
        try transaction.fetchLocking("SELECT \(columns) FROM correction_request WHERE id = \(id)").first.map {
            try CorrectionRequest($0)
        }
    }

    static func of(_ id: ID, in transaction: any Transaction) throws -> CorrectionRequest? {
        try transaction.fetchOne("SELECT \(columns) FROM correction_request WHERE id = \(id)").map {
            try CorrectionRequest($0)
        }
    }

    /// Requests in one state, the latest first; `before` is the last one of the previous page.
    static func list(
        _ state: State, before: ID?, limit: Int, in transaction: any Transaction
    ) throws -> [CorrectionRequest] {
        let last = before ?? ID(high: .max, low: .max)
        return try transaction.fetch(
            """
            SELECT \(columns) FROM correction_request WHERE state = \(state.rawValue) AND id < \(last)
            ORDER BY id DESC LIMIT \(limit)
            """
        ).map { try CorrectionRequest($0) }
    }

    /// How many wait that this person did not enter and that are not about their account; counts up to `limit`.
    static func waiting(for person: ID, limit: Int, in transaction: any Transaction) throws -> Int {
        try transaction.value(
            """
            SELECT COUNT(*) FROM (SELECT 1 AS one FROM correction_request WHERE state = \(State.waiting.rawValue)
            AND author <> \(person) AND account <> \(person) LIMIT \(limit)) AS waiting
            """) ?? 0
    }

    /// The people who confirmed these entries, for those entries that needed it.
    static func confirmers(of entries: [ID], in transaction: any Transaction) throws -> [ID: ID] {
        let rows = try transaction.fetch(in: entries) {
            """
            SELECT id, decided_by FROM correction_request WHERE id IN (\(list: $0))
            AND state = \(State.confirmed.rawValue)
            """
        }
        return Dictionary(try rows.map { (try $0(0), try $0(1)) }, uniquingKeysWith: { $1 })
    }

    func decide(_ state: State, by person: ID, at now: Instant, in transaction: any Transaction) throws {
        try transaction.send(
            """
            UPDATE correction_request SET state = \(state.rawValue), decided_by = \(person), decided_at = \(now)
            WHERE id = \(id)
            """)
    }
}
