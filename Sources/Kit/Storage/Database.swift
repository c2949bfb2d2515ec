/// One service's database. A body passed to ``write(_:then:)`` or ``read(_:then:)`` is plain synchronous code that runs
/// on a thread of the driver's, inside one transaction; the caller waits, blocking or with `await`.
///
/// - A body may be run more than once (serialization failures, group commit). Its only effects must be its transaction
///   and its result.
/// - An error thrown by the body rolls everything back and is passed on.
/// - No caller gets a result before the commit is durable.
package protocol Database: Sendable {
    /// The service's name, for logs and metrics.
    var name: String { get }
    var dialect: Dialect { get }

    /// Counts the commits of changes that this process makes to this database. Code that waits for new rows waits for
    /// this.
    var commits: Signal { get }

    /// Runs `body` in a transaction that may write, then `done` with its outcome, on a thread of the driver's.
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void)

    /// Runs `body` in a transaction that sees one consistent snapshot and cannot write, then `done`.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void)

    /// Ends the threads and closes the files or connections. Waiting work is finished first. Later calls throw
    /// ``StorageError/closed``.
    func close()
}

extension Database {
    /// Writes and blocks the calling thread until it is committed. For threads that we own, never for a task.
    @available(*, noasync)
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        let outcome = AwaitedResult<T>()
        write(body, then: outcome.settle)
        return try outcome.wait()
    }

    /// Reads and blocks the calling thread. For threads that we own, never for a task.
    @available(*, noasync)
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) throws -> T {
        let outcome = AwaitedResult<T>()
        read(body, then: outcome.settle)
        return try outcome.wait()
    }

    /// Writes, and returns once it is committed.
    package func write<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            write(body, then: { continuation.resume(with: $0) })
        }
    }

    /// Reads from one snapshot.
    package func read<T: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            read(body, then: { continuation.resume(with: $0) })
        }
    }
}

/// What a body works with. On every driver, an error that a statement throws ends the transaction; do not catch it and
/// continue. For a conflict that is expected, use `ON CONFLICT … RETURNING`, or a compare-and-set and check its count.
package protocol Transaction: AnyObject {
    var dialect: Dialect { get }

    /// Runs a query and returns all its rows. Bound every query with a LIMIT.
    func fetch(_ sql: SQL) throws -> [Row]

    /// A query whose rows stay locked until the end: `FOR UPDATE` on PostgreSQL, plain on SQLite, where one writer
    /// works at a time. `sql` must end where `FOR UPDATE` can follow.
    func fetchLocking(_ sql: SQL) throws -> [Row]

    /// Like ``fetchLocking(_:)``, but others may take the same lock: `FOR SHARE`.
    func fetchSharing(_ sql: SQL) throws -> [Row]

    /// Runs a query and passes on its rows one at a time, without holding all of them: for exports and checks. `body`
    /// may not use the transaction. If `body` throws, that ends the loop but not the transaction.
    func forEach(_ sql: SQL, _ body: (Row) throws -> Void) throws

    /// Runs a statement and returns how many rows it changed.
    func change(_ sql: SQL) throws -> Int

    /// Like ``change(_:)``, for changes that nobody waits for, such as the renewal of a lease: a commit with nothing
    /// else in it does not count in ``Database/commits``.
    func changeQuietly(_ sql: SQL) throws -> Int

    /// Runs a statement without a result. It may fail as late as the next synchronising call or the commit.
    func send(_ sql: SQL) throws

    /// Runs one statement for each of many rows of values; `text` has a `?` for each value of a row. This is the
    /// fastest way to write many rows. It may fail late, like ``send(_:)``.
    func send(_ text: String, rows: [[Value]]) throws
}

extension Transaction {
    /// The only row, or `nil`.
    package func fetchOne(_ sql: SQL) throws -> Row? {
        try fetch(sql).first
    }

    /// The first column of the only row; `nil` if there is no row.
    package func value<T: Storable>(_ sql: SQL, as type: T.Type = T.self) throws -> T? {
        try fetch(sql).first?(0)
    }
}

/// What can go wrong in the database below a transaction.
package enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A UNIQUE, CHECK, NOT NULL or foreign key rule was broken: a programming error, or a conflict nobody expected.
    case constraint(String)
    /// A column held another type than the one asked for.
    case decoding(String)
    /// No room left on the disk. Nothing was written.
    case full(String)
    /// The folder or file cannot be written.
    case readOnly(String)
    /// Another process holds it, or the server cannot be reached at the moment. Worth trying again.
    case unavailable(String)
    /// The data was written by a newer version of the program.
    case newer(String)
    /// The file is damaged or not a database.
    case corrupt(String)
    /// ``Database/close()`` was called.
    case closed
    /// Anything else, in the database's words.
    case failed(String)

    package var description: String {
        switch self {
        case .constraint(let text): "a rule of the database was broken: \(text)"
        case .decoding(let text): "unexpected data: \(text)"
        case .full(let text): "no room left on the disk: \(text)"
        case .readOnly(let text): "cannot be written: \(text)"
        case .unavailable(let text): "not available now: \(text)"
        case .newer(let text): "written by a newer version: \(text)"
        case .corrupt(let text): "damaged: \(text)"
        case .closed: "the database is closed"
        case .failed(let text): text
        }
    }
}
