import Storage

/// A database's content at one moment, held on a connection of its own for as long as it takes to look at it, without
/// the limits that services' statements have. Waits for nobody, and nobody waits for it. To be made and used on one
/// thread.
package final class PostgreSQLSnapshot {
    private let connection: Connection
    private let reading: PostgreSQLTransaction

    /// - Throws: `StorageError` where the server cannot be reached.
    package init(connection address: String) throws {
        var options = PostgreSQLOptions(connection: address)
        options.statementTimeout = .zero
        options.lockTimeout = .zero
        options.idleInTransactionTimeout = .zero
        do {
            connection = try Connection(to: address, options: options)
        } catch let failure as Failure {
            throw failure.storageError
        }
        reading = PostgreSQLTransaction(on: connection, .read)
        // BEGIN alone holds nothing; the first statement does.
        _ = try reading.fetch("SELECT 1")
    }

    /// For reading what it holds.
    package var transaction: any Transaction { reading }

    /// Lets it go.
    package func end() {
        reading.rollBack()
    }
}
