import Foundation
import Storage

/// What is wrong with an archive that is read.
package enum ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not an archive at all: another kind of file.
    case foreign(String)
    /// An archive that was cut short, or changed since it was written.
    case damaged(String)

    package var description: String {
        switch self {
        case .foreign(let text): text
        case .damaged(let text): "damaged: \(text)"
        }
    }
}

extension StorageError {
    /// The last system call's error, about this path.
    static func last(_ path: String) -> StorageError {
        let code = errno
        let text = "\(path): \(String(cString: strerror(code)))"
        return switch code {
        case ENOSPC, EDQUOT, EFBIG: .full(text)
        case EACCES, EPERM, EROFS: .readOnly(text)
        default: .unavailable(text)
        }
    }
}
