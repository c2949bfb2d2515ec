import Foundation
import Logging
import PostgreSQLDriver
import Storage
import Values

/// A fresh database on the server that `scripts/test.sh` has started, dropped after the test.
package final class PostgreSQLFixture: Sendable {
    package static let server = ProcessInfo.processInfo.environment["POPUG_TEST_POSTGRES"]

    /// Whether there is a server; prints it once if there is none.
    package static let isThere: Bool = {
        if server == nil {
            print("PostgreSQL tests are skipped: POPUG_TEST_POSTGRES is not set (scripts/test.sh does)")
        }
        return server != nil
    }()

    package let connection: String
    package let database: PostgreSQLDatabase
    private let name: String

    /// - Throws: `StorageError` if there is no server.
    package init(adjust: (inout PostgreSQLOptions) -> Void = { _ in }) throws {
        guard let server = PostgreSQLFixture.server else { throw StorageError.unavailable("no PostgreSQL server") }
        name = "popug_\(UUID().uuidString)"
        try PostgreSQLServer(connection: server).create(database: name)
        connection = "\(server) dbname=\(name)"
        database = PostgreSQLFixture.open(connection, adjust: adjust)
    }

    package static func open(
        _ connection: String, adjust: (inout PostgreSQLOptions) -> Void = { _ in }
    ) -> PostgreSQLDatabase {
        var options = PostgreSQLOptions(connection: connection)
        options.writers = 3
        options.readers = 2
        adjust(&options)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return PostgreSQLDatabase(name: "test", options: options, logger: logger)
    }

    deinit {
        database.close()
        if let server = PostgreSQLFixture.server { try? PostgreSQLServer(connection: server).drop(database: name) }
    }
}
