import Storage

/// Is called with each statement that a service runs.
package typealias StatementObserver = @Sendable (_ service: String, _ statement: SQL) -> Void

/// A database that reports every statement before it runs it.
package final class ObservedDatabase: Database {
    private let inner: any Database
    private let observe: StatementObserver

    package init(_ inner: any Database, _ observe: @escaping StatementObserver) {
        self.inner = inner
        self.observe = observe
    }

    package var name: String { inner.name }
    package var dialect: Dialect { inner.dialect }
    package var commits: Signal { inner.commits }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.write({ [name, observe] in try body(ObservedTransaction($0) { observe(name, $0) }) }, then: done)
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        inner.read({ [name, observe] in try body(ObservedTransaction($0) { observe(name, $0) }) }, then: done)
    }

    package func close() {
        inner.close()
    }
}

private final class ObservedTransaction: Transaction {
    private let inner: any Transaction
    private let observe: (SQL) -> Void

    init(_ inner: any Transaction, _ observe: @escaping (SQL) -> Void) {
        self.inner = inner
        self.observe = observe
    }

    var dialect: Dialect { inner.dialect }

    func fetch(_ sql: SQL) throws -> [Row] {
        observe(sql)
        return try inner.fetch(sql)
    }

    func fetchLocking(_ sql: SQL) throws -> [Row] {
        observe(sql)
        return try inner.fetchLocking(sql)
    }

    func fetchSharing(_ sql: SQL) throws -> [Row] {
        observe(sql)
        return try inner.fetchSharing(sql)
    }

    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws {
        observe(sql)
        try inner.forEach(sql, body)
    }

    func changeQuietly(_ sql: SQL) throws -> Int {
        observe(sql)
        return try inner.changeQuietly(sql)
    }

    func change(_ sql: SQL) throws -> Int {
        observe(sql)
        return try inner.change(sql)
    }

    func send(_ sql: SQL) throws {
        observe(sql)
        try inner.send(sql)
    }

    func send(_ text: String, rows: [[Value]]) throws {
        if let first = rows.first { observe(SQL(text: text, values: first)) }
        try inner.send(text, rows: rows)
    }
}
