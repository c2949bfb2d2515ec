import Foundation
import Storage
import Values

/// Blobs in a folder, each in a file that is named by its hash, in folders of two levels: `ab/cd/abcd…`. The time of a
/// file is when it was last put or renewed. Several processes may use one folder. What else lies in it is left alone.
///
/// A blob is written to a file in `unfinished`, which gets its place when it is complete: whatever dies, no file in
/// place is half of a blob.
package final class FolderBlobs: Blobs {
    private static let unfinishedName = "unfinished"

    private let folder: String
    private let environment: Environment

    /// Makes the folder, in one that exists. Only its owner may look into it, also if it was there before.
    /// - Throws: `StorageError`.
    package init(folder: String, environment: Environment) throws {
        self.folder = folder
        self.environment = environment
        try Files.makeFolder(folder)
        guard chmod(folder, 0o700) == 0 else { throw StorageError.last(folder) }
        try Files.makeFolder("\(folder)/\(FolderBlobs.unfinishedName)")
        try Files.sync(folder + "/..")
    }

    package func put(atMost limit: Int64, _ next: () throws -> [UInt8]?) throws -> Blob {
        let unfinished = "\(folder)/\(FolderBlobs.unfinishedName)/\(environment.newID())"
        let file = open(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw StorageError.last(unfinished) }
        defer { close(file) }
        do {
            var intake = BlobIntake(limit: limit)
            while let piece = try next() {
                try intake.take(piece)
                try Files.append(piece, to: file, unfinished)
            }
            let blob = intake.blob(putAt: environment.now())
            try Files.setTime(of: file, blob.putAt, unfinished)
            guard fsync(file) == 0 else { throw StorageError.last(unfinished) }
            try place(unfinished, as: blob.hash)
            return blob
        } catch {
            unlink(unfinished)
            throw error
        }
    }

    package func renew(_ hash: BlobHash) throws -> Blob? {
        let renewed: Blob? = try inTurn {
            try withFile(of: hash) { file, path, blob in
                let now = environment.now()
                try Files.setTime(of: file, now, path)
                guard fsync(file) == 0 else { throw StorageError.last(path) }
                return Blob(hash: hash, length: blob.length, putAt: now)
            }
        }
        if renewed != nil { try syncFolders(above: hash) }
        return renewed
    }

    package func find(_ hash: BlobHash) throws -> Blob? {
        try withFile(of: hash) { _, _, blob in blob }
    }

    package func read(_ hash: BlobHash, _ range: Range<Int64>) throws -> [UInt8]? {
        try withFile(of: hash) { file, path, blob in
            try Files.bytes(of: file, range.clamped(to: 0..<blob.length), path)
        }
    }

    package func list(after hash: BlobHash?, limit: Int) throws -> [Blob] {
        let start = hash?.description ?? ""
        var page: [Blob] = []
        for first in try Files.parts(in: folder) where first >= start.prefix(2) {
            for second in try Files.parts(in: "\(folder)/\(first)") where first + second >= start.prefix(4) {
                let names = try Files.names(in: "\(folder)/\(first)/\(second)")
                for name in names where name > start && name.hasPrefix(first + second) {
                    guard let hash = BlobHash(name), let blob = try find(hash) else { continue }
                    page.append(blob)
                    if page.count == limit { return page }
                }
            }
        }
        return page
    }

    @discardableResult
    package func delete(_ hash: BlobHash, putBefore time: Instant) throws -> Bool {
        try inTurn {
            let isDeleted = try withFile(of: hash) { _, path, blob -> Bool in
                guard blob.putAt < time else { return false }
                guard unlink(path) == 0 else { throw StorageError.last(path) }
                return true
            }
            return isDeleted ?? false
        }
    }

    @discardableResult
    package func discardUnfinished(begunBefore time: Instant) throws -> Int {
        // Their names are ids, which begin with the time.
        let first = ID(milliseconds: time.milliseconds, random: (0, 0))
        let unfinished = "\(folder)/\(FolderBlobs.unfinishedName)"
        return try Files.names(in: unfinished).filter { name in
            guard let id = ID(name), id < first else { return false }
            return unlink("\(unfinished)/\(name)") == 0
        }.count
    }

    // MARK: Places

    /// The folders above a blob's file, the outermost first.
    private func folders(above hash: BlobHash) -> [String] {
        let name = hash.description
        let first = "\(folder)/\(name.prefix(2))"
        return [folder, first, "\(first)/\(name.dropFirst(2).prefix(2))"]
    }

    private func path(of hash: BlobHash) -> String {
        let name = hash.description
        return "\(folder)/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
    }

    /// Gives a complete file its place, in the place of an older one.
    private func place(_ unfinished: String, as hash: BlobHash) throws {
        for level in folders(above: hash).dropFirst() { try Files.makeFolder(level) }
        try inTurn {
            guard rename(unfinished, path(of: hash)) == 0 else { throw StorageError.last(unfinished) }
        }
        try syncFolders(above: hash)
    }

    /// Returns once a file's place is on the disk. All folders: another process may have made one, or have placed the
    /// file, a moment ago, and may not have come to this line.
    private func syncFolders(above hash: BlobHash) throws {
        for level in folders(above: hash).reversed() { try Files.sync(level) }
    }

    /// Opens a blob's file for `body`; `nil` if it is not there.
    private func withFile<T>(
        of hash: BlobHash, _ body: (_ file: Int32, _ path: String, _ blob: Blob) throws -> T
    ) throws -> T? {
        let path = self.path(of: hash)
        // Neither follows a link nor waits for the other end of a pipe: these are foreign.
        let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            guard [ENOENT, ENOTDIR, ELOOP, ENXIO].contains(errno) else { throw StorageError.last(path) }
            return nil
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw StorageError.last(path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try body(
            file, path, Blob(hash: hash, length: Int64(status.st_size), putAt: Files.time(of: status)))
    }

    /// What changes a file in place, or its time, takes turns with all others that use the folder. Otherwise a file
    /// could get its place after its predecessor's time was looked at, and be deleted instead of it.
    private func inTurn<T>(_ body: () throws -> T) throws -> T {
        let path = folder + "/lock"
        // Opened each time: the lock is the opening's, so it holds between threads too. Closing releases it.
        let lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { throw StorageError.last(path) }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 {
            guard errno == EINTR else { throw StorageError.last(path) }
        }
        return try body()
    }
}
