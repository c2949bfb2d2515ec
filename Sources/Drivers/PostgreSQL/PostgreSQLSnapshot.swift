import Storage

/// A database's content at one moment, held on a connection of its own for as long as it is read, without the limits
/// that services' statements have. It waits for nobody, and nobody waits for it. Make it and use it on one thread.
package final class PostgreSQLSnapshot {
    private let connection: PostgreSQLConnection
    private let reading: PostgreSQLTransaction

    /// - Throws: `StorageError` if the server cannot be reached.
    package init(connection address: String) throws {
        var options = PostgreSQLOptions(connection: address)
        options.statementTimeout = .zero
        options.lockTimeout = .zero
        options.idleInTransactionTimeout = .zero
        do {
            connection = try PostgreSQLConnection(to: address, options: options)
        } catch let failure as PostgreSQLFailure {
            throw failure.storageError
        }
        reading = PostgreSQLTransaction(on: connection, .read)
        // BEGIN alone takes no snapshot; the first statement does.
        _ = try reading.fetch("SELECT 1")
    }

    /// For reading the snapshot.
    package var transaction: any Transaction { reading }

    /// Releases the snapshot.
    package func end() {
        reading.rollBack()
    }
}
