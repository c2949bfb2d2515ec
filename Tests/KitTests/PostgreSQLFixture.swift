import Foundation
import Logging
import PostgreSQLDriver
import Storage
import Testing
import Values

/// A fresh database on the server that `scripts/test.sh` has started, gone with the test.
final class PostgreSQLFixture: Sendable {
    static let server = ProcessInfo.processInfo.environment["POPUG_TEST_POSTGRES"]

    /// Whether there is a server; says so once where there is none.
    static let isThere: Bool = {
        if server == nil {
            print("PostgreSQL tests are skipped: POPUG_TEST_POSTGRES is not set (scripts/test.sh does)")
        }
        return server != nil
    }()

    let connection: String
    let database: PostgreSQLDatabase
    private let name: String

    init(adjust: (inout PostgreSQLOptions) -> Void = { _ in }) throws {
        let server = try #require(PostgreSQLFixture.server)
        name = "popug_\(UUID().uuidString)"
        try PostgreSQLServer(connection: server).create(database: name)
        connection = "\(server) dbname=\(name)"
        database = PostgreSQLFixture.open(connection, adjust: adjust)
    }

    static func open(
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

extension Database {
    /// Runs statements of a test's own schema.
    func run(_ statements: SQL...) throws {
        try write { for statement in statements { try $0.send(statement) } }
    }

    /// The one number that a query asks for.
    func number(_ sql: SQL) throws -> Int {
        try #require(try read { try $0.value(sql, as: Int.self) })
    }
}
