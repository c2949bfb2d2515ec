import CLibPQ
import Foundation
import Storage

/// Work on a server rather than in one of its databases: creating and dropping databases. Each call makes a connection
/// of its own and blocks.
package struct PostgreSQLServer: Sendable {
    private let address: String

    /// - Parameter connection: to any database on the server, as a user who may create others.
    package init(connection: String) {
        address = connection
    }

    /// Creates the database that an address names, if it does not exist. Connects to the database `postgres` to do so.
    /// - Returns: whether it was created.
    /// - Throws: `StorageError` if the address names no database, or its user may not create any.
    @discardableResult
    package static func createIfMissing(_ address: String) throws -> Bool {
        guard let name = database(in: address) else {
            // The address contains a password, so no error shows it.
            throw StorageError.failed("the address of a database names none: it ends with /NAME, or has dbname=NAME")
        }
        // Later words override those of the address.
        let words = [("dbname", address), ("dbname", "postgres"), ("connect_timeout", "5")]
        let handle = PostgreSQLConnection.connect(words)
        defer { PQfinish(handle) }
        guard PQstatus(handle) == CONNECTION_OK else {
            throw StorageError.unavailable(String(cString: PQerrorMessage(handle)))
        }
        do {
            try run(on: handle, "CREATE DATABASE", name, layout)
            return true
        } catch let failure as PostgreSQLFailure {
            // It exists already, or another process has created it at the same moment.
            guard case .statement(let state, _) = failure, ["42P04", "23505"].contains(state) else {
                throw failure.storageError
            }
            return false
        }
    }

    private static func database(in address: String) -> String? {
        guard let options = PQconninfoParse(address, nil) else { return nil }
        defer { PQconninfoFree(options) }
        var option = options
        while let keyword = option.pointee.keyword {
            if String(cString: keyword) == "dbname" { return option.pointee.val.map { String(cString: $0) } }
            option += 1
        }
        return nil
    }

    private static let layout = "TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"

    /// Creates an empty database, in UTF-8, with texts ordered by their bytes, as in SQLite.
    package func create(database: String) throws {
        try run("CREATE DATABASE", database, PostgreSQLServer.layout)
    }

    /// Drops a database with everything in it, and ends the connections to it.
    package func drop(database: String) throws {
        try run("DROP DATABASE IF EXISTS", database, "WITH (FORCE)")
    }

    private func run(_ command: String, _ database: String, _ rest: String) throws {
        let handle = PQconnectdb(address)
        defer { PQfinish(handle) }
        guard PQstatus(handle) == CONNECTION_OK else {
            throw StorageError.unavailable(String(cString: PQerrorMessage(handle)))
        }
        do {
            try PostgreSQLServer.run(on: handle, command, database, rest)
        } catch let failure as PostgreSQLFailure {
            throw failure.storageError
        }
    }

    private static func run(
        on handle: OpaquePointer?, _ command: String, _ database: String, _ rest: String
    ) throws {
        PQsetNoticeProcessor(handle, { _, _ in }, nil)
        guard let name = PQescapeIdentifier(handle, database, database.utf8.count) else {
            throw StorageError.failed("\(database) cannot be the name of a database")
        }
        defer { PQfreemem(name) }
        let answer = QueryResult(PQexec(handle, "\(command) \(String(cString: name)) \(rest)"))
        if let failure = answer.failure { throw failure }
    }
}
