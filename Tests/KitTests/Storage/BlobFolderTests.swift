import BlobsDriver
import Foundation
import Storage
import TestKit
import Testing
import Values

/// What only a folder has: foreign files, rights, other processes, a full disk.
@Suite("Blobs: in a folder")
struct BlobFolderTests {
    static let day: Int64 = 86_400

    let folder: TemporaryFolder
    let path: String
    let clock = SteppedClock()
    let blobs: FolderBlobs

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path + "/blobs"
        blobs = try FolderBlobs(folder: path, environment: clock.environment)
    }

    /// Where a blob lies.
    static func path(of hash: BlobHash, in folder: String) -> String {
        let name = hash.description
        return "\(folder)/\(name.prefix(2))/\(name.dropFirst(2).prefix(2))/\(name)"
    }

    private func unfinished() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/unfinished").sorted()
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("Only the owner may look into it, also if the folder was open to others before")
    func rights() throws {
        let other = folder.path + "/other"
        try FileManager.default.createDirectory(
            atPath: other, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
        let blobs = try FolderBlobs(folder: other, environment: clock.environment)
        let file = Self.path(of: try blobs.put([1]).hash, in: other)
        #expect(try mode(file) == 0o600)
        let second = URL(filePath: file).deletingLastPathComponent()
        for folder in [second.path, second.deletingLastPathComponent().path, other, other + "/unfinished"] {
            #expect(try mode(folder) == 0o700, "\(folder)")
        }
    }

    @Test("A file has its place only when it is complete")
    func complete() throws {
        var pieces: [[UInt8]] = [[1], [2]]
        let blob = try blobs.put(atMost: 2) { () throws -> [UInt8]? in
            #expect(try blobs.list(after: nil, limit: 10).isEmpty)
            #expect(try unfinished().count == 1)
            return pieces.isEmpty ? nil : pieces.removeFirst()
        }
        #expect(try unfinished().isEmpty)
        #expect(try Data(contentsOf: URL(filePath: Self.path(of: blob.hash, in: path))) == Data([1, 2]))
    }

    @Test("What a crash leaves is discarded after a day; what has another name stays")
    func left() throws {
        let kept = try blobs.put([1, 2, 3])
        let old = clock.environment.newID().description
        for name in [old, "README", old.uppercased() + ".txt"] {
            try Data([1]).write(to: URL(filePath: "\(path)/unfinished/\(name)"))
        }
        clock.advance(seconds: Self.day)
        let young = clock.environment.newID().description
        try Data([1]).write(to: URL(filePath: "\(path)/unfinished/\(young)"))
        #expect(try blobs.discardUnfinished(begunBefore: clock.now.adding(seconds: -Self.day)) == 0)
        clock.advance(seconds: 1)
        #expect(try blobs.discardUnfinished(begunBefore: clock.now.adding(seconds: -Self.day)) == 1)
        #expect(try unfinished() == ["README", old.uppercased() + ".txt", young].sorted())
        #expect(try blobs.list(after: nil, limit: 10) == [kept])
    }

    @Test("Foreign files, folders and links are no blobs, and are left alone")
    func foreign() throws {
        let blob = try blobs.put([1, 2, 3])
        let files = FileManager.default
        let place = URL(filePath: Self.path(of: blob.hash, in: path)).deletingLastPathComponent().path
        let name = blob.hash.description
        let sameFolder = String(name.prefix(4)) + String(repeating: "0", count: 60)
        let link = String(name.prefix(4)) + String(repeating: "1", count: 60)
        for foreign in [
            "\(path)/README", "\(path)/0g", "\(place)/\(name).tmp", "\(place)/\(name.uppercased())",
            "\(place)/" + String(repeating: "0", count: 64), "\(place)/x",
        ] {
            try Data([9]).write(to: URL(filePath: foreign))
        }
        // A file where a folder of blobs would be, a folder where a blob would be, and a link to a file.
        let free = name.hasPrefix("00") ? "11" : "00"
        try Data([9]).write(to: URL(filePath: "\(path)/\(free)"))
        try files.createDirectory(atPath: "\(place)/\(sameFolder)", withIntermediateDirectories: false)
        try files.createSymbolicLink(atPath: "\(place)/\(link)", withDestinationPath: "\(path)/README")
        try files.createDirectory(atPath: "\(path)/lost+found", withIntermediateDirectories: false)
        let before = try files.subpathsOfDirectory(atPath: path).sorted()

        #expect(try blobs.list(after: nil, limit: 10) == [blob])
        for text in [sameFolder, link, free + String(repeating: "0", count: 62)] {
            let hash = try #require(BlobHash(text))
            #expect(try blobs.find(hash) == nil)
            #expect(try blobs.bytes(of: hash) == nil)
            #expect(try blobs.renew(hash) == nil)
            #expect(try !blobs.delete(hash, putBefore: Instant(milliseconds: .max)))
        }
        clock.advance(seconds: 2 * Self.day)
        let rest = try blobs.sweep(after: nil, limit: 10, putBefore: clock.now) { _ in [] }
        #expect(rest == nil)
        let after = try files.subpathsOfDirectory(atPath: path).sorted()
        #expect(after == before.filter { !$0.hasSuffix("/" + name) })
    }

    @Test("A file that has become longer is damaged too")
    func longer() throws {
        let blob = try blobs.put([1, 2, 3])
        let file = try FileHandle(forWritingTo: URL(filePath: Self.path(of: blob.hash, in: path)))
        try file.seekToEnd()
        try file.write(contentsOf: Data([4]))
        try file.close()
        #expect(try blobs.check(blob.hash) == .damaged)
        #expect(throws: StorageError.self) { try blobs.bytes(of: blob.hash) }
    }

    @Test("Two processes on one folder see each other's blobs, and delete none that the other has put again")
    func both() throws {
        let other = try FolderBlobs(folder: path, environment: clock.environment)
        let bytes = [UInt8](repeating: 7, count: 100_000)
        let hash = BlobHash(of: bytes)
        for _ in 0..<20 {
            _ = try blobs.put(bytes)
            #expect(try other.bytes(of: hash) == bytes)
            clock.advance(seconds: Self.day)
            let now = clock.now
            let (mine, theirs) = (blobs, other)
            DispatchQueue.concurrentPerform(iterations: 4) { number in
                do {
                    if number.isMultiple(of: 2) {
                        _ = try mine.put(bytes)
                    } else {
                        try theirs.delete(hash, putBefore: now)
                    }
                } catch {
                    Issue.record(error)
                }
            }
            #expect(try other.bytes(of: hash) == bytes)
        }
        #expect(try unfinished().isEmpty)
    }

    @Test("A full disk is a clear error, leaves nothing behind, and passes")
    func full() throws {
        try StorageSQLiteFolderTests.withDisk(kilobytes: 512) { folder in
            let blobs = try FolderBlobs(folder: folder + "/blobs", environment: clock.environment)
            let kept = try blobs.put([UInt8](repeating: 1, count: 100_000))
            let error = #expect(throws: StorageError.self) { try blobs.put([UInt8](repeating: 2, count: 1_000_000)) }
            guard case .full = error else {
                Issue.record("\(String(describing: error)), expected full")
                return
            }
            #expect(try blobs.list(after: nil, limit: 10) == [kept])
            #expect(try blobs.check(kept.hash) == .whole)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/blobs/unfinished").isEmpty)
            _ = try blobs.put([UInt8](repeating: 3, count: 100_000))
        }
    }

    @Test("A folder in one that is not there is an error that names it")
    func missing() {
        let error = #expect(throws: StorageError.self) {
            try FolderBlobs(folder: path + "/none/blobs", environment: clock.environment)
        }
        #expect(error?.description.contains("/none/blobs") == true)
    }
}
