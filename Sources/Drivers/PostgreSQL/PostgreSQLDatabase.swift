import Logging
import Storage

/// A service's database on a PostgreSQL server. Connections are made when first needed. Each has a thread of its own,
/// which makes all libpq calls for it. Writes run at READ COMMITTED, reads at REPEATABLE READ, READ ONLY.
package final class PostgreSQLDatabase: Database {
    package let name: String
    package let dialect = Dialect.postgresql
    package let commits = Signal()

    private let writers: Lane
    private let readers: Lane

    package init(name: String, options: PostgreSQLOptions, logger: Logger) {
        self.name = name
        var logger = logger
        logger[metadataKey: "database"] = .string(name)
        writers = Lane(
            name: "\(name)-write", count: options.writers, connection: options.connection, options: options,
            logger: logger)
        var reading = options
        reading.patience = options.readPatience ?? options.patience
        readers = Lane(
            name: "\(name)-read", count: options.readers, connection: options.replica ?? options.connection,
            options: reading, logger: logger)
    }

    /// The threads of a database that nobody closed end too; nobody waits for them.
    deinit {
        writers.refuse()
        readers.refuse()
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let commits = commits
        let taken = writers.take { session, asked in
            let result = session.perform(.write, askedAt: asked, body)
            // A transaction that changed nothing wakes nobody: otherwise a job that looks and finds nothing would wake
            // itself.
            if case .success = result, session.hasChanged { commits.note() }
            done(result)
        }
        if !taken { done(.failure(StorageError.closed)) }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let taken = readers.take { session, asked in done(session.perform(.read, askedAt: asked, body)) }
        if !taken { done(.failure(StorageError.closed)) }
    }

    package func close() {
        writers.refuse()
        readers.refuse()
        writers.join()
        readers.join()
    }
}
