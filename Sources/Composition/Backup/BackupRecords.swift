import Foundation
import Hosting
import Storage

/// What is known of a folder's backups: a line of JSON each, in a file beside the databases. It is not in any backup: what
/// was made afterwards would be missing in it.
package struct BackupRecords: Sendable {
    private let path: String
    /// As much of the file as is read: the last few thousand lines.
    private static let tail: UInt64 = 1 << 20

    package init(folder: String) {
        path = folder + "/" + DataFolder.backupRecordName
    }

    /// Adds a line, in one write, so that a server and a verb may both do it.
    package func add(_ record: BackupRecord) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let line = [UInt8](try encoder.encode(record)) + [0x0A]
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError.readOnly("\(path): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard write(descriptor, line, line.count) == line.count else {
            throw StorageError.full("\(path): \(String(cString: strerror(errno)))")
        }
    }

    /// The latest records, newest first. A line that was cut off by a crash is passed over.
    package func latest(_ limit: Int) throws -> [BackupRecord] {
        guard let file = FileHandle(forReadingAtPath: path) else { return [] }
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
