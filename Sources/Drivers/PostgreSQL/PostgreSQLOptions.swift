/// How a ``PostgreSQLDatabase`` reaches its server, and how long it waits.
package struct PostgreSQLOptions: Sendable {
    /// A libpq connection string: `host=… port=… user=… dbname=…`, or a `postgresql://` address.
    package var connection: String
    /// The server for reads; the same server if `nil`. A replica shows commits a little later.
    package var replica: String?
    /// Connections, each with a thread, for ``Database/write(_:then:)``.
    package var writers = 4
    /// Connections, each with a thread, for ``Database/read(_:then:)``.
    package var readers = 4
    /// How long a body waits for a server that cannot be reached, counted from when the body was submitted.
    package var patience = Duration.seconds(5)
    /// The same for reads; ``patience`` if it is not given.
    package var readPatience: Duration?
    package var statementTimeout = Duration.seconds(30)
    package var lockTimeout = Duration.seconds(10)
    package var idleInTransactionTimeout = Duration.seconds(60)

    package init(connection: String, replica: String? = nil) {
        self.connection = connection
        self.replica = replica
    }
}
