import Storage

/// One transaction's work on a connection. After the first failing statement all later ones fail in the same way.
final class SQLiteTransaction: Transaction {
    let dialect = Dialect.sqlite
    private let connection: SQLiteConnection
    private let onlyReads: Bool
    private let faults: FaultHook?
    private var failure: (any Error)?
    /// Whether ``forEach(_:_:)`` is handing over rows of a statement at the moment.
    private var isStepping = false

    init(on connection: SQLiteConnection, onlyReads: Bool, faults: FaultHook?) {
        self.connection = connection
        self.onlyReads = onlyReads
        self.faults = faults
    }

    /// Runs a body. A body that swallows a statement's error fails all the same. A transaction that is kept after the
    /// body can no longer be used.
    func perform<T>(_ body: (any Transaction) throws -> T) throws -> T {
        defer { end() }
        let result = try body(self)
        if let failure { throw failure }
        return result
    }

    /// Copies everything that this transaction sees into a separate database.
    func copy() throws -> SQLiteConnection {
        try connection.copy()
    }

    private func end() {
        failure = failure ?? StorageError.failed("the transaction is over")
    }

    func fetch(_ sql: SQL) throws -> [Row] {
        try statement(sql.text) { statement in
            try statement.bind(sql.values)
            var rows: [Row] = []
            while try statement.step() {
                rows.append(try statement.row())
            }
            return rows
        }
    }

    func fetchLocking(_ sql: SQL) throws -> [Row] {
        try fetch(sql)
    }

    func fetchSharing(_ sql: SQL) throws -> [Row] {
        try fetch(sql)
    }

    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        // The body's own error is not a statement's error, and leaves the transaction usable.
        var refusal: (any Error)?
        try statement(sql.text) { statement in
            isStepping = true
            defer { isStepping = false }
            try statement.bind(sql.values)
            while refusal == nil, try statement.step() {
                let row = try statement.row()
                do { try body(row) } catch { refusal = error }
            }
        }
        if let refusal { throw refusal }
    }

    func change(_ sql: SQL) throws -> Int {
        try statement(sql.text) { statement in
            let before = connection.totalChanges
            try statement.bind(sql.values)
            while try statement.step() {}
            // Statements other than INSERT, UPDATE and DELETE leave the last count unchanged.
            return connection.totalChanges == before ? 0 : connection.lastChanges
        }
    }

    func changeQuietly(_ sql: SQL) throws -> Int {
        let before = connection.totalChanges
        defer { connection.quietChanges += connection.totalChanges - before }
        return try change(sql)
    }

    func send(_ sql: SQL) throws {
        try statement(sql.text) { statement in
            try statement.bind(sql.values)
            while try statement.step() {}
        }
    }

    func send(_ text: String, rows: [[Value]]) throws {
        guard !rows.isEmpty else { return }
        try statement(text) { statement in
            var isFirst = true
            for values in rows {
                // The hook was called for the first run when the statement was prepared.
                if !isFirst { try faults?(.statement(text)) }
                isFirst = false
                try statement.bind(values)
                while try statement.step() {}
                statement.reset()
            }
        }
    }

    private func statement<T>(_ text: String, _ use: (Statement) throws -> T) throws -> T {
        if let failure { throw failure }
        do {
            guard !isStepping else { throw StorageError.failed("forEach's body may not use the transaction") }
            try faults?(.statement(text))
            let statement = try connection.statement(text)
            guard !onlyReads || statement.onlyReads else {
                throw StorageError.readOnly("a reading transaction cannot run: \(text)")
            }
            defer { statement.reset() }
            return try use(statement)
        } catch {
            failure = failure ?? error
            throw error
        }
    }
}
