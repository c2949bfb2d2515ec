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
