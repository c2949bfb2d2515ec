import Crypto
import Foundation
import Storage

/// Reads a `.tar.gz` from its beginning to its end, one file at a time. Only one thread may use it.
package final class ArchiveReader {
    /// A file in the archive.
    package struct Entry: Sendable, Hashable {
        package let name: String
        package let length: Int64
    }

    private let path: String
    private let descriptor: Int32
    private let inflater: Deflate.Inflater
    /// For the current file: the bytes left, and the padding after it that fills its last block.
    private var left: Int64 = 0
    private var padding = 0
    private var hash = SHA256()
    /// The bytes of the archive read so far, and how many it has.
    package private(set) var consumed: Int64 = 0
    package let size: Int64

    package init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError.last(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw ArchiveError.foreign("\(path) is not a file")
        }
        size = Int64(status.st_size)
        var magic: [UInt8] = [0, 0]
        guard pread(descriptor, &magic, 2, 0) == 2, magic == [0x1F, 0x8B] else {
            close(descriptor)
            throw ArchiveError.foreign("\(path) is not a backup of popug's")
        }
        do {
            inflater = try Deflate.Inflater()
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// Skips the rest of the current file and goes to the next; `nil` at the end of the archive.
    /// - Throws: ``ArchiveError``.
    package func next() throws -> Entry? {
        while try piece() != nil {}
        let block = try exactly(TarHeader.size + padding).suffix(TarHeader.size)
        padding = 0
        guard block.contains(where: { $0 != 0 }) else {
            try end()
            return nil
        }
        let header = try TarHeader(Array(block))
        left = header.length
        padding = Int((Int64(TarHeader.size) - header.length % Int64(TarHeader.size)) % Int64(TarHeader.size))
        hash = SHA256()
        return Entry(name: header.name, length: header.length)
    }

    /// The next bytes of the current file; `nil` when there are no more.
    package func piece() throws -> [UInt8]? {
        guard left > 0 else { return nil }
        let bytes = try exactly(Int(min(left, 1 << 20)))
        left -= Int64(bytes.count)
        hash.update(data: bytes)
        return bytes
    }

    /// All of the current file, which must be small.
    package func whole(atMost limit: Int64) throws -> [UInt8] {
        guard left <= limit else { throw ArchiveError.damaged("a file in it is larger than it can be") }
        var bytes: [UInt8] = []
        while let piece = try piece() { bytes += piece }
        return bytes
    }

    /// SHA-256 of the current file, once all of it was read.
    package var checksum: String { ArchiveWriter.hexadecimal(hash.finalize()) }

    /// Checks that the second empty block follows, and nothing after it.
    private func end() throws {
        guard try exactly(TarHeader.size).allSatisfy({ $0 == 0 }) else {
            throw ArchiveError.damaged("its end is not where it should be")
        }
        guard try take(1).isEmpty else { throw ArchiveError.damaged("something follows its end") }
    }

    private func exactly(_ count: Int) throws -> [UInt8] {
        let bytes = try take(count)
        guard bytes.count == count else { throw ArchiveError.damaged("it ends too early") }
        return bytes
    }

    private func take(_ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try inflater.fill(buffer, more: refill)
        }
    }

    private func refill() throws -> [UInt8] {
        while true {
            var outcome = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: 256 << 10) { buffer, filled in
                outcome = read(descriptor, buffer.baseAddress, buffer.count)
                filled = max(0, outcome)
            }
            consumed += Int64(bytes.count)
            if outcome >= 0 { return bytes }
            guard errno == EINTR else { throw StorageError.last(path) }
        }
    }
}
