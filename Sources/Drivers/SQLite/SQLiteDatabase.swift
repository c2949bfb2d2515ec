import Foundation
import Storage

/// A service's database in one SQLite file, or in memory for tests and the simulator. One thread writes, in groups that
/// share a commit; other threads read, each with a connection of its own.
package final class SQLiteDatabase: Database {
    /// What runs the bodies.
    private enum Runner: Sendable {
        /// Threads of the driver. In memory there is one connection, and reads queue with the writes.
        case threads(writer: WorkQueue, readers: WorkQueue?)
        /// The calling thread, at once.
        case inline(InlineRunner)
    }

    package let name: String
    package let dialect = Dialect.sqlite
    package let commits = Signal()
    /// `nil` for a database in memory.
    package let path: String?
    private let runner: Runner

    /// Opens the file, or makes it, in a folder that exists.
    ///
    /// - Throws: ``StorageError`` if it cannot be opened for writing, is damaged, or belongs to another program.
    package convenience init(path: String, name: String, readers: Int = 2, faults: FaultHook? = nil) throws {
        let writer = try SQLiteConnection(path: path, access: .write)
        let others = try (0..<max(1, readers)).map { _ in try SQLiteConnection(path: path, access: .read) }
        self.init(name: name, path: path, writer: writer, readers: others, faults: faults)
    }

    /// A new database in memory, with one thread. It is gone when it is closed.
    package static func memory(name: String, faults: FaultHook? = nil) throws -> SQLiteDatabase {
        let connection = try SQLiteConnection(path: ":memory:", access: .memory)
        return SQLiteDatabase(name: name, path: nil, writer: connection, readers: [], faults: faults)
    }

    /// A database without threads, in memory or in a file. Every body runs at once on the calling thread, and so does
    /// the code that waits for its outcome. A run of the simulator is then the work of one thread and can be repeated.
    package static func inline(name: String, path: String? = nil, faults: FaultHook? = nil) throws -> SQLiteDatabase {
        let connection = try SQLiteConnection(path: path ?? ":memory:", access: path == nil ? .memory : .write)
        return SQLiteDatabase(name: name, path: path, inline: connection, faults: faults)
    }

    /// A copy of everything in a separate database, in memory and without threads: the simulator restores from it.
    package func inlineCopy(faults: FaultHook? = nil) throws -> SQLiteDatabase {
        let connection = try read { transaction in
            guard let own = transaction as? SQLiteTransaction else { throw StorageError.closed }
            return try own.copy()
        }
        return SQLiteDatabase(name: name, path: nil, inline: connection, faults: faults)
    }

    private init(
        name: String, path: String?, writer: SQLiteConnection, readers: [SQLiteConnection], faults: FaultHook?
    ) {
        self.name = name
        self.path = path
        let writing = WorkQueue()
        let reading = readers.isEmpty ? nil : WorkQueue()
        runner = .threads(writer: writing, readers: reading)
        let group = GroupCommit(connection: writer, commits: commits, faults: faults)
        writing.startThread(named: "\(name) writer", taking: GroupCommit.limit) { jobs in
            for answer in group.run(jobs) { answer() }
        } finish: {
            // Readers first: the last connection to close removes the write-ahead log, and must be able to write.
            reading?.join()
            writer.finish()
        }
        for (index, connection) in readers.enumerated() {
            let single = GroupCommit(connection: connection, commits: commits, faults: faults)
            reading?.startThread(named: "\(name) reader \(index + 1)", taking: 1) { jobs in
                for job in jobs { single.read(job)() }
            } finish: {
                connection.close()
            }
        }
    }

    private init(name: String, path: String?, inline connection: SQLiteConnection, faults: FaultHook?) {
        self.name = name
        self.path = path
        runner = .inline(
            InlineRunner(GroupCommit(connection: connection, commits: commits, faults: faults)))
    }

    deinit {
        // Not joined: one of these threads may be the one that releases the last reference.
        guard case .threads(let writer, let readers) = runner else { return }
        readers?.close()
        writer.close()
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let job = WorkItem(onlyReads: false, body, then: done)
        switch runner {
        case .threads(let writer, _): writer.add(job)
        case .inline(let inline): inline.run(job)
        }
    }

    package func read<T: Sendable>(
        _ body: @escaping @Sendable (any Transaction) throws -> T,
        then done: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        let job = WorkItem(onlyReads: true, body, then: done)
        switch runner {
        case .threads(let writer, let readers): (readers ?? writer).add(job)
        case .inline(let inline): inline.run(job)
        }
    }

    /// Must not be called from a body, nor from code that waits for an outcome.
    package func close() {
        switch runner {
        case .threads(let writer, let readers):
            readers?.close()
            writer.close()
            writer.join()
        case .inline(let inline):
            inline.close()
        }
        commits.end()
    }

    /// Opens a separate reading transaction that lasts until `end` is called, so that several databases can be held at
    /// one moment and compared. Only one thread at a time may use it. It waits for nobody, and nobody waits for it.
    ///
    /// - Note: A database in memory is copied for this.
    package func snapshot() throws -> (transaction: any Transaction, end: @Sendable () -> Void) {
        let connection =
            try path.map { try SQLiteConnection(path: $0, access: .read) }
            ?? read { transaction in
                guard let own = transaction as? SQLiteTransaction else { throw StorageError.closed }
                return try own.copy()
            }
        try connection.run("BEGIN")
        // BEGIN alone takes no snapshot; the first read does.
        _ = try connection.value("SELECT name FROM sqlite_schema LIMIT 1")
        let transaction = SQLiteTransaction(on: connection, onlyReads: true, faults: nil)
        return (transaction, { connection.close() })
    }
}
