import CLibPQ
import Foundation
import Storage

/// What is done to a server rather than in a database of its: creating and dropping databases. Each call makes a
/// connection of its own and blocks.
package struct PostgreSQLServer: Sendable {
    private let address: String

    /// - Parameter connection: to any database there, as a user that may create others.
    package init(connection: String) {
        address = connection
    }

    /// Creates an empty database, in UTF-8 and with texts ordered by their bytes, as SQLite orders them.
    package func create(database: String) throws {
        try run("CREATE DATABASE", database, "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    }

    /// Drops a database with all that is in it, and ends the connections to it.
    package func drop(database: String) throws {
        try run("DROP DATABASE IF EXISTS", database, "WITH (FORCE)")
    }

    private func run(_ command: String, _ database: String, _ rest: String) throws {
        let handle = PQconnectdb(address)
        defer { PQfinish(handle) }
        guard PQstatus(handle) == CONNECTION_OK else {
            throw StorageError.unavailable(String(cString: PQerrorMessage(handle)))
        }
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard let name = PQescapeIdentifier(handle, database, database.utf8.count) else {
            throw StorageError.failed("\(database) cannot be the name of a database")
        }
        defer { PQfreemem(name) }
        let answer = Answer(PQexec(handle, "\(command) \(String(cString: name)) \(rest)"))
        if let failure = answer.failure { throw failure.storageError }
    }
}
