import Foundation
import Operations
import Storage

/// What is known about a folder's backups: one line of JSON for each, in a file beside the databases. The file is in no
/// backup, because the copy would lack everything that was recorded afterwards.
package struct BackupRecords: Sendable {
    private let path: String
    /// How much of the file is read: the last few thousand lines.
    private static let tail: UInt64 = 1 << 20
    /// How many lines stay when the file is shortened, which happens at twice the size that is read.
    private static let kept = 1000

    package init(folder: String) {
        path = folder + "/" + DataFolder.backupRecordName
    }

    /// Adds a line, in one write and under a lock, so that a server and a verb may both do it. Removes the oldest lines
    /// if there are very many.
    package func add(_ record: BackupRecord) throws {
        let line = try BackupRecords.line(record)
        // Repeated if the file was shortened, and so replaced, between opening and locking it.
        for _ in 0..<100 {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw StorageError.readOnly("\(path): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            // On a file system without locks, only shortening is less safe.
            _ = flock(descriptor, LOCK_EX)
            var (own, named) = (stat(), stat())
            guard fstat(descriptor, &own) == 0, stat(path, &named) == 0, own.st_ino == named.st_ino else { continue }
            guard write(descriptor, line, line.count) == line.count else {
                throw StorageError.full("\(path): \(String(cString: strerror(errno)))")
            }
            if own.st_size > 2 * BackupRecords.tail { try shorten() }
            return
        }
        throw StorageError.unavailable("\(path) is replaced again and again")
    }

    private static func line(_ record: BackupRecord) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(record)) + [0x0A]
    }

    /// Replaces the file by one with the latest lines, completely or not at all.
    private func shorten() throws {
        let lines = try latest(BackupRecords.kept).reversed().flatMap { try BackupRecords.line($0) }
        try Data(lines).write(to: URL(filePath: path), options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// The latest records, newest first. A line that was cut off by a crash is skipped.
    package func latest(_ limit: Int) throws -> [BackupRecord] {
        guard try TextFile.exists(path) else { return [] }
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        let size = try file.seekToEnd()
        try file.seek(toOffset: size > BackupRecords.tail ? size - BackupRecords.tail : 0)
        let lines = try file.readToEnd() ?? Data()
        let decoder = JSONDecoder()
        return lines.split(separator: 0x0A).suffix(limit).reversed().compactMap {
            try? decoder.decode(BackupRecord.self, from: $0)
        }
    }
}
