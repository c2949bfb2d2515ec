import CSQLite
import Foundation
import Storage

extension StorageError {
    /// What a result code of SQLite means to the layers above the driver.
    init(code: Int32, message: String, systemError: Int32 = 0) {
        switch code & 0xFF {
        case SQLITE_FULL: self = .full(message)
        // A full disk appears as an I/O error if SQLite cannot grow its shared memory file.
        case SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT: self = .full(message)
        case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM: self = .readOnly(message)
        case SQLITE_BUSY, SQLITE_LOCKED: self = .unavailable(message)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .corrupt(message)
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: self = .constraint(message)
        default: self = .failed("\(message) (SQLite error \(code))")
        }
    }
}
