import Storage

/// One transaction on a connection. It begins with its first statement, in the same packet; a body without statements
/// costs nothing. Used only on the connection's thread.
final class PostgreSQLTransaction: Transaction {
    enum Kind {
        case write
        case read

        var begin: String {
            switch self {
            case .write: "BEGIN ISOLATION LEVEL READ COMMITTED"
            case .read: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
            }
        }
    }

    /// How many rows ``forEach(_:_:)`` holds at a time.
    private static let slice = 1000

    let dialect = Dialect.postgresql
    /// The error that ended it. Every later statement throws the same one.
    private(set) var failure: PostgreSQLFailure?
    /// Whether the server has answered anything yet.
    private(set) var wasAnswered = false

    private let connection: PostgreSQLConnection
    private let kind: Kind
    private var hasBegun = false
    private var hasEnded = false

    init(on connection: PostgreSQLConnection, _ kind: Kind) {
        self.connection = connection
        self.kind = kind
    }

    func fetch(_ sql: SQL) throws -> [Row] {
        try step {
            try queue(sql.text, sql.values)
            return try collect()?.rows() ?? []
        }
    }

    func fetchLocking(_ sql: SQL) throws -> [Row] {
        try fetch(sql + " FOR UPDATE")
    }

    func fetchSharing(_ sql: SQL) throws -> [Row] {
        try fetch(sql + " FOR SHARE")
    }

    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        try step { try queue("DECLARE popug_each NO SCROLL CURSOR FOR " + sql.text, sql.values) }
        do {
            while true {
                let rows = try step {
                    try queue("FETCH \(Self.slice) FROM popug_each", [])
                    return try collect()?.rows() ?? []
                }
                for row in rows { try body(row) }
                if rows.count < Self.slice { break }
            }
        } catch {
            // The body's own error leaves the transaction usable, so the cursor's name must be free again.
            if failure == nil { try step { try queue("CLOSE popug_each", []) } }
            throw error
        }
        try step { try queue("CLOSE popug_each", []) }
    }

    func change(_ sql: SQL) throws -> Int {
        try step {
            try queue(sql.text, sql.values)
            return try collect()?.changedRows ?? 0
        }
    }

    func changeQuietly(_ sql: SQL) throws -> Int {
        let changed = try change(sql)
        if changed > 0 { connection.discountLast() }
        return changed
    }

    func send(_ sql: SQL) throws {
        try step { try queue(sql.text, sql.values) }
    }

    func send(_ text: String, rows: [[Value]]) throws {
        try step {
            for row in rows { try queue(text, row) }
        }
    }

    /// - Throws: the error of a pipelined statement, or the error for ``PostgreSQLFailure/unknown(_:)``.
    func commit() throws {
        try step {
            guard hasBegun else { return }
            try queue("COMMIT", [])
            do {
                let answer = try collect()
                // The server answers COMMIT of a failed transaction with ROLLBACK.
                guard answer?.command == "COMMIT" else {
                    throw PostgreSQLFailure.statement(
                        state: "25P02", message: "the transaction had failed and was rolled back")
                }
            } catch PostgreSQLFailure.lost(let message) where kind == .write {
                throw PostgreSQLFailure.unknown(message)
            }
        }
        hasEnded = true
    }

    /// Ends it without effect. An error here only means that the connection is lost, which undoes the transaction as
    /// well.
    func rollBack() {
        guard !hasEnded else { return }
        hasEnded = true
        guard hasBegun, !connection.isLost else { return }
        // Collected separately: after a failed statement everything is skipped up to the next synchronisation.
        _ = try? connection.collect()
        try? connection.queue("ROLLBACK", [])
        _ = try? connection.collect()
    }

    private func queue(_ text: String, _ values: [Value]) throws {
        if !hasBegun {
            hasBegun = true
            try connection.queue(kind.begin, [])
        }
        // Before this statement, never after: its own result is still wanted.
        if connection.isFull { _ = try collect() }
        try connection.queue(text, values)
    }

    private func collect() throws -> QueryResult? {
        let answer = try connection.collect()
        wasAnswered = true
        return answer
    }

    /// Runs a step, keeps the first error, and turns it into one of the Kit's errors.
    private func step<T>(_ work: () throws -> T) throws -> T {
        if let failure { throw failure.storageError }
        if hasEnded { throw StorageError.failed("the transaction is over") }
        do {
            return try work()
        } catch let error as PostgreSQLFailure {
            if case .statement = error { wasAnswered = true }
            failure = error
            throw error.storageError
        }
    }
}
