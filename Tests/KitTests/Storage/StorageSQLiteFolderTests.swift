import Foundation
import SQLiteDriver
import Storage
import TestKit
import Testing

/// Bad folders, bad files, bad disks.
@Suite("Storage: SQLite on bad ground")
struct StorageSQLiteFolderTests {
    /// A folder on a small disk of its own; `body` is passed over where nothing can be mounted.
    static func withDisk(kilobytes: Int, _ body: (String) throws -> Void) throws {
        let folder = try TemporaryFolder()
        guard mount("tmpfs", folder.path, "tmpfs", 0, "size=\(kilobytes)k") == 0 else {
            print("passed over: needs the right to mount a tmpfs")
            return
        }
        defer { umount2(folder.path, Int32(MNT_DETACH)) }
        try body(folder.path)
    }

    static func insert(_ id: Int, into database: SQLiteDatabase) throws {
        try database.write {
            try $0.send("INSERT INTO note (id, text) VALUES (\(id), \(String(repeating: "x", count: 20_000)))")
        }
    }

    @Test("A full disk is a clear error, loses nothing that was answered, and passes when there is room again")
    func full() throws {
        try Self.withDisk(kilobytes: 2_048) { folder in
            let path = folder + "/a.sqlite"
            var database = try SQLiteDatabase(path: path, name: "test")
            try StorageSQLiteTests.table(database)
            // Room that is given back below.
            try Data(count: 500_000).write(to: URL(filePath: folder + "/ballast"))
            var written: [Int] = []
            var failure: (any Error)?
            while failure == nil, written.count < 1_000 {
                do {
                    try Self.insert(written.count, into: database)
                    written.append(written.count)
                } catch { failure = error }
            }
            guard case StorageError.full = try #require(failure) else {
                Issue.record("\(String(describing: failure)), expected full")
                return
            }
            #expect(written.count > 10)
            #expect(try StorageSQLiteTests.ids(database) == written)
            #expect(throws: StorageError.self) { try Self.insert(5_000, into: database) }
            try FileManager.default.removeItem(atPath: folder + "/ballast")
            try Self.insert(9_000, into: database)
            #expect(try StorageSQLiteTests.ids(database) == written + [9_000])
            database.close()
            database = try SQLiteDatabase(path: path, name: "test")
            defer { database.close() }
            #expect(try StorageSQLiteTests.ids(database) == written + [9_000])
        }
    }

    @Test("On a full disk a group is run again one by one: what fits is written, the rest is told")
    func fullGroup() throws {
        try Self.withDisk(kilobytes: 2_048) { folder in
            let database = try SQLiteDatabase(path: folder + "/a.sqlite", name: "test")
            defer { database.close() }
            try StorageSQLiteTests.table(database)
            let started = DispatchSemaphore(value: 0)
            let gate = DispatchSemaphore(value: 0)
            let group = DispatchGroup()
            let outcomes = StorageOutcomes()
            group.enter()
            database.write { _ in
                started.signal()
                gate.wait()
            } then: { (_: Result<Void, any Error>) in
                group.leave()
            }
            started.wait()
            for number in 0..<20 {
                group.enter()
                database.write {
                    let size = number == 10 ? 3_000_000 : 1_000
                    try $0.send(
                        "INSERT INTO note (id, text) VALUES (\(number), \(String(repeating: "x", count: size)))")
                } then: { (result: Result<Void, any Error>) in
                    outcomes.note(number, result)
                    group.leave()
                }
            }
            gate.signal()
            group.wait()
            #expect(outcomes.succeeded == (0..<20).filter { $0 != 10 })
            guard case StorageError.full = try #require(outcomes.error(of: 10)) else {
                Issue.record("\(String(describing: outcomes.error(of: 10))), expected full")
                return
            }
            #expect(try StorageSQLiteTests.ids(database) == (0..<20).filter { $0 != 10 })
        }
    }

    @Test("A read-only folder is told as such, for a new file and for one that is there")
    func readOnly() throws {
        try Self.withDisk(kilobytes: 1_024) { folder in
            let path = folder + "/a.sqlite"
            let database = try SQLiteDatabase(path: path, name: "test")
            try StorageSQLiteTests.table(database)
            database.close()
            #expect(mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), "") == 0)
            for file in [path, folder + "/new.sqlite"] {
                let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: file, name: "test") }
                guard case .readOnly(let text) = error else {
                    Issue.record("\(String(describing: error)), expected readOnly")
                    continue
                }
                #expect(text.contains(file))
            }
            let error = #expect(throws: StorageError.self) { try FolderLock(folder: folder) }
            guard case .readOnly = error else {
                Issue.record("\(String(describing: error)), expected readOnly")
                return
            }
        }
    }

    @Test("A folder that is not there is an error that names it")
    func missing() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: StorageError.self) {
            try SQLiteDatabase(path: folder.path + "/none/a.sqlite", name: "test")
        }
        #expect(error?.description.contains("/none/a.sqlite") == true)
    }

    @Test("A file that is not a database is damaged, and is left as it is")
    func notADatabase() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/a.sqlite"
        let content = Data(String(repeating: "This is a letter, not a database. ", count: 100).utf8)
        try content.write(to: URL(filePath: path))
        let error = #expect(throws: StorageError.self) { try SQLiteDatabase(path: path, name: "test") }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error)), expected corrupt")
            return
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == content)
    }

    @Test("A second server on the same folder is refused, and told which process holds it")
    func lock() throws {
        let folder = try TemporaryFolder()
        #expect(FolderLock.holder(of: folder.path) == nil)
        var first: FolderLock? = try FolderLock(folder: folder.path)
        let error = #expect(throws: StorageError.self) { try FolderLock(folder: folder.path) }
        guard case .unavailable(let text) = error else {
            Issue.record("\(String(describing: error)), expected unavailable")
            return
        }
        let me = Int(ProcessInfo.processInfo.processIdentifier)
        #expect(text.contains("process \(me)"))
        #expect(FolderLock.holder(of: folder.path) == me)
        withExtendedLifetime(first) {}
        first = nil
        #expect(FolderLock.holder(of: folder.path) == nil)
        _ = try FolderLock(folder: folder.path)
    }

    @Test("The lock of a process that was killed is free")
    func killed() throws {
        let folder = try TemporaryFolder()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/flock")
        process.arguments = ["-F", folder.path + "/popug.lock", "/bin/sh", "-c", "echo locked; exec sleep 600"]
        let pipe = Pipe()
        process.standardOutput = pipe
        guard (try? process.begin()) != nil else {
            print("passed over: needs flock")
            return
        }
        #expect(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) == "locked\n")
        #expect(throws: StorageError.self) { try FolderLock(folder: folder.path) }
        kill(process.processIdentifier, SIGKILL)
        // Blocks until the system has taken the lock from the dead.
        let descriptor = open(folder.path + "/popug.lock", O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        close(descriptor)
        _ = try FolderLock(folder: folder.path)
    }
}

/// What came of many writes.
// Unchecked: only touched behind the lock.
final class StorageOutcomes: @unchecked Sendable {
    private let lock = NSLock()
    private var results: [Int: Result<Void, any Error>] = [:]

    func note(_ number: Int, _ result: Result<Void, any Error>) {
        lock.withLock { results[number] = result }
    }

    var succeeded: [Int] {
        lock.withLock { results.filter { (try? $0.value.get()) != nil }.keys.sorted() }
    }

    func error(of number: Int) -> (any Error)? {
        lock.withLock {
            if case .failure(let error) = results[number] { error } else { nil }
        }
    }
}
