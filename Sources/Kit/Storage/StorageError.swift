import Foundation

/// What can go wrong in the database below a transaction.
package enum StorageError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A UNIQUE, CHECK, NOT NULL or foreign key rule was broken: a programming error, or a conflict nobody expected.
    case constraint(String)
    /// A column held another type than the one asked for.
    case decoding(String)
    /// No room left on the disk. Nothing was written.
    case full(String)
    /// The folder or file cannot be written.
    case readOnly(String)
    /// Another process holds it, or the server cannot be reached at the moment. Worth trying again.
    case unavailable(String)
    /// The data was written by a newer version of the program.
    case newer(String)
    /// The file is damaged or not a database.
    case corrupt(String)
    /// ``Database/close()`` was called.
    case closed
    /// Anything else, in the database's words.
    case failed(String)

    package var description: String {
        switch self {
        case .constraint(let text): "a rule of the database was broken: \(text)"
        case .decoding(let text): "unexpected data: \(text)"
        case .full(let text): "no room left on the disk: \(text)"
        case .readOnly(let text): "cannot be written: \(text)"
        case .unavailable(let text): "not available now: \(text)"
        case .newer(let text): "written by a newer version: \(text)"
        case .corrupt(let text): "damaged: \(text)"
        case .closed: "the database is closed"
        case .failed(let text): text
        }
    }
}

extension StorageError {
    /// The last system call's error, about this path.
    package static func last(_ path: String) -> StorageError {
        let code = errno
        let text = "\(path): \(String(cString: strerror(code)))"
        return switch code {
        case ENOSPC, EDQUOT, EFBIG: .full(text)
        case EACCES, EPERM, EROFS: .readOnly(text)
        default: .unavailable(text)
        }
    }
}
