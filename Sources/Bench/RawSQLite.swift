import CSQLite
import Foundation

/// SQLite through its C interface and nothing else: the reference for measuring the drivers. WAL and synchronous=FULL,
/// as in the product.
final class RawSQLite {
    private var handle: OpaquePointer?
    private var statements: [String: OpaquePointer] = [:]

    enum Cell {
        case integer(Int64)
        case text(String)
        case blob([UInt8])
        case null
    }

    init(path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw RawError(message: "cannot open \(path)") }
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA wal_autocheckpoint=20000")
        try execute("PRAGMA cache_size=-65536")
    }

    deinit {
        for statement in statements.values { sqlite3_finalize(statement) }
        sqlite3_close(handle)
    }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw RawError(message: String(cString: sqlite3_errmsg(handle)))
        }
    }

    /// Runs a statement once with these values; its rows are skipped.
    func run(_ sql: String, _ cells: [Cell]) throws {
        let statement = try prepared(sql)
        for (index, cell) in cells.enumerated() {
            let position = Int32(index + 1)
            switch cell {
            case .integer(let number): sqlite3_bind_int64(statement, position, number)
            case .null: sqlite3_bind_null(statement, position)
            case .text(let text):
                var text = text
                text.withUTF8 { bytes in
                    _ = bytes.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(statement, position, $0.baseAddress, Int32($0.count), transient)
                    }
                }
            case .blob(let bytes): sqlite3_bind_blob(statement, position, bytes, Int32(bytes.count), transient)
            }
        }
        var code = sqlite3_step(statement)
        while code == SQLITE_ROW { code = sqlite3_step(statement) }
        guard code == SQLITE_DONE else { throw RawError(message: String(cString: sqlite3_errmsg(handle))) }
        sqlite3_reset(statement)
    }

    private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func prepared(_ sql: String) throws -> OpaquePointer {
        if let statement = statements[sql] { return statement }
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK, let statement else {
            throw RawError(message: String(cString: sqlite3_errmsg(handle)))
        }
        statements[sql] = statement
        return statement
    }
}

struct RawError: Error, CustomStringConvertible {
    let message: String
    var description: String { message }
}
