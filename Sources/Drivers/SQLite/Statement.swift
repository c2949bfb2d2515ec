import CSQLite
import Foundation
import Storage
import Values

/// A prepared statement of one connection, used through SQLite's C interface (docs/decisions/0006-sqlite.md).
final class Statement {
    private let connection: OpaquePointer
    private let statement: OpaquePointer
    private let parameterCount: Int
    let text: String
    /// Whether it leaves the database unchanged.
    let onlyReads: Bool
    /// When it was last used, by the counter of its connection.
    var lastUse: UInt64 = 0

    /// SQLite's constant for "copy this now".
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ text: String, on connection: OpaquePointer) throws {
        var prepared: OpaquePointer?
        var rest = false
        var copy = text
        let code = copy.withUTF8 { bytes -> Int32 in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                var tail: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    connection, characters.baseAddress, Int32(characters.count), UInt32(SQLITE_PREPARE_PERSISTENT),
                    &prepared, &tail)
                if let tail, let start = characters.baseAddress {
                    // PostgreSQL takes one statement at a time; so does this driver, instead of ignoring the second.
                    rest = characters[(tail - start)...].contains { $0 > 32 && $0 != 59 }
                }
                return code
            }
        }
        guard code == SQLITE_OK else {
            throw StorageError(code: code, message: "\(String(cString: sqlite3_errmsg(connection))) in: \(text)")
        }
        guard let prepared else { throw StorageError.failed("an empty statement") }
        guard !rest else {
            sqlite3_finalize(prepared)
            throw StorageError.failed("more than one statement in: \(text)")
        }
        self.connection = connection
        self.text = text
        statement = prepared
        parameterCount = Int(sqlite3_bind_parameter_count(prepared))
        onlyReads = sqlite3_stmt_readonly(prepared) != 0
    }

    deinit {
        sqlite3_finalize(statement)
    }

    /// Binds all values. The statement must have been reset.
    func bind(_ values: [Value]) throws {
        guard values.count == parameterCount else {
            throw StorageError.failed("\(values.count) values for \(parameterCount) places in: \(text)")
        }
        var position: Int32 = 0
        for value in values {
            position += 1
            let code =
                switch value {
                case .integer(let number): sqlite3_bind_int64(statement, position, number)
                case .null: sqlite3_bind_null(statement, position)
                case .text(let text): try bind(text, at: position)
                case .blob(let bytes): bind(bytes, at: position)
                case .id(let id):
                    id.withBytes {
                        sqlite3_bind_blob(statement, position, $0.baseAddress, 16, Statement.transient)
                    }
                }
            guard code == SQLITE_OK else { throw error(code) }
        }
    }

    private func bind(_ text: String, at position: Int32) throws -> Int32 {
        var copy = text
        return try copy.withUTF8 { bytes in
            guard let start = bytes.baseAddress, bytes.count > 0 else {
                return sqlite3_bind_text(statement, position, "", 0, Statement.transient)
            }
            // PostgreSQL cannot store it at all, so nobody may come to rely on it here.
            guard memchr(start, 0, bytes.count) == nil else {
                throw StorageError.failed("a text with the character U+0000 cannot be stored")
            }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text(statement, position, $0, Int32(bytes.count), Statement.transient)
            }
        }
    }

    private func bind(_ bytes: [UInt8], at position: Int32) -> Int32 {
        // A null pointer would be taken for NULL.
        guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(statement, position, 0) }
        return bytes.withUnsafeBufferPointer {
            sqlite3_bind_blob(statement, position, $0.baseAddress, Int32($0.count), Statement.transient)
        }
    }

    /// Goes to the next row; `false` if there is none.
    func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Prepares it for the next use and releases its locks. An error of the last step is returned again here; it is
    /// known.
    func reset() {
        sqlite3_reset(statement)
    }

    /// The row that ``step()`` went to.
    func row() throws -> Row {
        let count = sqlite3_data_count(statement)
        var values: [Value] = []
        values.reserveCapacity(Int(count))
        for column in 0..<count {
            values.append(try value(column))
        }
        return Row(values: values)
    }

    private func value(_ column: Int32) throws -> Value {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER:
            return .integer(sqlite3_column_int64(statement, column))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(statement, column) else { return .text("") }
            let count = Int(sqlite3_column_bytes(statement, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(statement, column) else { return .blob([]) }
            let count = Int(sqlite3_column_bytes(statement, column))
            return Value(bytes: UnsafeRawBufferPointer(start: start, count: count))
        case SQLITE_NULL:
            return .null
        default:
            throw StorageError.decoding("column \(column) is a floating point number in: \(text)")
        }
    }

    private func error(_ code: Int32) -> StorageError {
        StorageError(
            code: code, message: String(cString: sqlite3_errmsg(connection)),
            systemError: sqlite3_system_errno(connection))
    }
}
