import Foundation
import Storage
import Values

/// System calls, with their errors as `StorageError`.
enum Files {
    /// Makes a folder for its owner alone, if it is not there.
    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw StorageError.last(path) }
    }

    /// Returns once the names in a folder are on the disk.
    static func sync(_ folder: String) throws {
        let opened = open(folder, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { throw StorageError.last(folder) }
        defer { close(opened) }
        guard fsync(opened) == 0 else { throw StorageError.last(folder) }
    }

    static func append(_ bytes: [UInt8], to file: Int32, _ path: String) throws {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(file, buffer.baseAddress.map { $0 + position }, bytes.count - position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StorageError.last(path) }
            position += count
        }
    }

    /// The bytes of a range; fewer if the file ends before.
    static func bytes(of file: Int32, _ range: Range<Int64>, _ path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(
                    file, buffer.baseAddress.map { $0 + filled }, buffer.count - filled,
                    off_t(range.lowerBound) + off_t(filled))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw StorageError.last(path) }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    static func setTime(of file: Int32, _ time: Instant, _ path: String) throws {
        let rest = time.milliseconds - time.seconds * 1000
        let moment = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(rest) * 1_000_000)
        guard futimens(file, [moment, moment]) == 0 else { throw StorageError.last(path) }
    }

    /// When a file was last changed, or as ``setTime(of:_:_:)`` has set it.
    static func time(of status: stat) -> Instant {
        #if os(Linux)
            let time = status.st_mtim
        #else
            let time = status.st_mtimespec
        #endif
        return Instant(milliseconds: Int64(time.tv_sec) &* 1000 &+ Int64(time.tv_nsec) / 1_000_000)
    }

    /// The names in a folder, in order.
    static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        } catch {
            throw StorageError.unavailable("\(folder): \(error)")
        }
    }

    /// The folders in a folder whose names are two lower-case hexadecimal digits, in order.
    static func parts(in folder: String) throws -> [String] {
        try names(in: folder).filter { name in
            guard let byte = Hexadecimal.bytes(name), byte.count == 1, Hexadecimal.text(byte) == name else {
                return false
            }
            let path = "\(folder)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { throw StorageError.last(path) }
            return status.st_mode & S_IFMT == S_IFDIR
        }
    }
}
