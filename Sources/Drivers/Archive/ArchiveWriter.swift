import Crypto
import Foundation
import Storage

/// Writes a `.tar.gz` that any tar reads: files one after another, compressed in blocks on several threads.
///
/// The file is made under the name given, readable only by its owner; the caller gives it its final name. Only one
/// thread at a time may use it.
package final class ArchiveWriter {
    private let path: String
    private let descriptor: Int32
    private let lanes: Int
    private var block: [UInt8] = []
    private var blocks: [[UInt8]] = []
    private var isOpen = true
    /// Bytes written to the file so far.
    package private(set) var written: Int64 = 0

    static let blockSize = 1 << 20

    /// - Parameters:
    ///   - path: a file that is not there yet.
    ///   - lanes: how many threads compress.
    package init(path: String, lanes: Int) throws {
        self.path = path
        self.lanes = max(1, lanes)
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError.last(path) }
        // The lock is held while the file is written, so that nobody takes it for one that a dead process left.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK, isStill(path) else {
            isOpen = false
            close(descriptor)
            throw StorageError.unavailable("\(path): somebody else writes it too; try again")
        }
        block.reserveCapacity(ArchiveWriter.blockSize)
    }

    /// Removes what a killed process left at `path`. Returns `false` if somebody is still writing it.
    package static func clear(_ path: String) -> Bool {
        let left = open(path, O_WRONLY | O_CLOEXEC)
        guard left >= 0 else { return true }
        defer { close(left) }
        guard flock(left, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else { return false }
        unlink(path)
        return true
    }

    /// Whether the open file still has this name.
    private func isStill(_ path: String) -> Bool {
        var (own, named) = (stat(), stat())
        return fstat(descriptor, &own) == 0 && stat(path, &named) == 0 && own.st_ino == named.st_ino
    }

    deinit {
        if isOpen { close(descriptor) }
    }

    /// Adds a file of `length` bytes, which `next` supplies in pieces. Returns its SHA-256, in hexadecimal digits.
    package func add(
        _ name: String, length: Int64, mode: Int = 0o600, time: Int64, next: () throws -> [UInt8]
    ) throws -> String {
        try append(TarHeader(name: name, length: length, mode: mode, time: time).bytes)
        var hash = SHA256()
        var left = length
        while left > 0 {
            let piece = try next()
            guard !piece.isEmpty, piece.count <= left else {
                throw StorageError.failed("\(name) is not as long as was said: \(length) bytes")
            }
            hash.update(data: piece)
            try append(piece)
            left -= Int64(piece.count)
        }
        let over = Int(length % Int64(TarHeader.size))
        if over > 0 { try append([UInt8](repeating: 0, count: TarHeader.size - over)) }
        return ArchiveWriter.hexadecimal(hash.finalize())
    }

    package func add(_ name: String, _ bytes: [UInt8], time: Int64) throws -> String {
        try add(name, length: Int64(bytes.count), time: time) { bytes }
    }

    /// Writes what is left, and returns when all of it is on the disk.
    package func finish() throws {
        try append([UInt8](repeating: 0, count: 2 * TarHeader.size))
        if !block.isEmpty { blocks.append(block) }
        block = []
        try pack()
        guard fsync(descriptor) == 0 else { throw StorageError.last(path) }
        isOpen = false
        guard close(descriptor) == 0 else { throw StorageError.last(path) }
    }

    private func append(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let count = min(bytes.count - position, ArchiveWriter.blockSize - block.count)
            block.append(contentsOf: bytes[position..<position + count])
            position += count
            guard block.count == ArchiveWriter.blockSize else { continue }
            blocks.append(block)
            block.removeAll(keepingCapacity: false)
            block.reserveCapacity(ArchiveWriter.blockSize)
            if blocks.count == lanes { try pack() }
        }
    }

    private func pack() throws {
        let members = try ArchiveWriter.members(of: blocks)
        blocks = []
        for member in members { try put(member) }
    }

    private static func members(of blocks: [[UInt8]]) throws -> [[UInt8]] {
        guard blocks.count > 1 else { return try blocks.map(Deflate.member) }
        return try [Result<[UInt8], any Error>](unsafeUninitializedCapacity: blocks.count) { results, count in
            // Each thread writes only the place of its own block, and all threads have ended when this returns.
            nonisolated(unsafe) let places = results
            DispatchQueue.concurrentPerform(iterations: blocks.count) { index in
                (places.baseAddress.unsafelyUnwrapped + index).initialize(
                    to: Result { try Deflate.member(blocks[index]) })
            }
            count = blocks.count
        }.map { try $0.get() }
    }

    private func put(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + position }, bytes.count - position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw StorageError.last(path) }
            position += count
            written += Int64(count)
        }
    }

    static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
