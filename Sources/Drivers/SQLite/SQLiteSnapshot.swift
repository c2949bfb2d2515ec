import CSQLite
import Foundation
import Storage

/// A file's content at one moment, held for as long as it takes to copy it, while others go on writing. It waits for
/// nobody, and nobody waits for it. Only one thread at a time may use it.
package final class SQLiteSnapshot: Sendable {
    private let connection: SQLiteConnection

    /// Opens the file, which must exist, and holds its content as of now.
    package init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            throw StorageError.unavailable("\(path) is missing")
        }
        connection = try SQLiteConnection(path: path, access: .read)
        do {
            try connection.run("BEGIN")
            // BEGIN alone takes no snapshot; the first read does.
            _ = try connection.value("SELECT name FROM sqlite_schema LIMIT 1")
        } catch {
            connection.close()
            throw error
        }
    }

    /// For reading the snapshot.
    package var transaction: any Transaction { SQLiteTransaction(on: connection, onlyReads: true, faults: nil) }

    /// Releases the file.
    package func end() {
        connection.close()
    }

    /// The size of a copy in bytes.
    package func size() throws -> Int64 {
        guard case .integer(let pages) = try connection.value("PRAGMA page_count"),
            case .integer(let size) = try connection.value("PRAGMA page_size")
        else { throw StorageError.failed("the file has no size") }
        return pages * size
    }

    /// How many steps of its schema have been done; 0 if there is none.
    package func schema() throws -> Int {
        guard try connection.value("SELECT name FROM sqlite_schema WHERE name = 'migration'") != .null,
            case .integer(let step) = try connection.value("SELECT COUNT(*) FROM migration")
        else { return 0 }
        return Int(step)
    }

    /// Copies the content into a file without a name, which is read through its descriptor. Whatever happens to this
    /// process, nothing of it is left.
    ///
    /// - Parameter folder: where the copy is made; it needs the room.
    /// - Throws: `StorageError.corrupt` if the copy is damaged, because the original is then damaged too; what
    ///   `progress` throws, which is called every mebibyte.
    package func copy(in folder: String, progress: (_ done: Int64, _ total: Int64) throws -> Void) throws -> FileHandle
    {
        let path = folder + "/.popug-copy-\(UUID().uuidString.lowercased())"
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let text = "\(path): \(String(cString: strerror(errno)))"
            throw errno == ENOSPC || errno == EDQUOT ? StorageError.full(text) : StorageError.readOnly(text)
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            let copy = try SQLiteConnection(path: path, access: .scratch)
            unlink(path)
            defer { copy.close() }
            try connection.copyPages(to: copy, progress: progress)
            try SQLiteSnapshot.leaveLog(descriptor)
            if let first = copy.damage().first { throw StorageError.corrupt(first) }
        } catch {
            unlink(path)
            throw error
        }
        return file
    }

    /// The copy's header says that it has a write-ahead log, which SQLite would look for beside the file's name, but
    /// there is none. This changes the header to say that it has a rollback journal
    /// (https://www.sqlite.org/fileformat2.html#the_database_header). Opening it for writing turns the log on again.
    private static func leaveLog(_ descriptor: Int32) throws {
        var header = [UInt8](repeating: 0, count: 100)
        guard pread(descriptor, &header, header.count, 0) == header.count else {
            throw StorageError.corrupt("it has no header")
        }
        (header[18], header[19]) = (1, 1)
        // A new change counter, also stored as the one under which the size was written, makes the connection read the
        // file anew.
        for index in [27, 26, 25, 24] {
            header[index] &+= 1
            if header[index] != 0 { break }
        }
        header.replaceSubrange(92..<96, with: header[24..<28])
        guard pwrite(descriptor, header, header.count, 0) == header.count else {
            let text = String(cString: strerror(errno))
            throw errno == ENOSPC || errno == EDQUOT ? StorageError.full(text) : StorageError.readOnly(text)
        }
    }
}

extension SQLiteDatabase {
    /// The library's version, such as 3.40.1.
    package static var library: String { String(cString: sqlite3_libversion()) }

    /// What SQLite finds wrong with the file itself: its pages, indexes and constraints. Empty if all is well. A file
    /// that cannot be opened counts as damaged; a file that is missing, or may not be read, does not.
    ///
    /// - Parameter quick: do not compare indexes with their tables, which takes most of the time.
    package static func damage(path: String, quick: Bool = false) throws -> [String] {
        do {
            let connection = try SQLiteConnection(path: path, access: .read)
            defer { connection.close() }
            return connection.damage(quick: quick)
        } catch StorageError.corrupt(let text) {
            return [text]
        }
    }
}
