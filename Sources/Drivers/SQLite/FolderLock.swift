import Foundation
import Storage

/// Keeps a second server away from a data folder with a lock on its file `popug.lock`. The system releases the lock
/// when the process ends, however it ends. The file stays; only the lock on it counts.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    /// - Throws: ``StorageError/unavailable(_:)`` with the id of the process that holds the folder.
    package init(folder: String) throws {
        let path = folder + "/popug.lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            let text = "\(path): \(String(cString: strerror(errno)))"
            throw errno == ENOSPC || errno == EDQUOT ? StorageError.full(text) : StorageError.readOnly(text)
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = FolderLock.holder(opened)
            close(opened)
            guard code == EWOULDBLOCK else {
                throw StorageError.failed("\(path): \(String(cString: strerror(code)))")
            }
            throw StorageError.unavailable(
                "the folder \(folder) is in use by another popug\(holder.map { " (process \($0))" } ?? ""); "
                    + "stop that one first, or choose another folder")
        }
        descriptor = opened
        // Only used for the message above: a full disk is no reason not to hold the lock.
        _ = ftruncate(opened, 0)
        let text = Array("\(getpid())\n".utf8)
        _ = pwrite(opened, text, text.count, 0)
    }

    deinit {
        close(descriptor)
    }

    /// The process that holds the folder; `nil` if there is none.
    package static func holder(of folder: String) -> Int? {
        let opened = open(folder + "/popug.lock", O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        defer { close(opened) }
        guard flock(opened, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return holder(opened)
    }

    private static func holder(_ descriptor: Int32) -> Int? {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int(String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
