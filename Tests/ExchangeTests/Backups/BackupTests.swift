import Archive
import Composition
import Foundation
import SQLiteDriver
import Storage
import TestKit
import Testing

/// One file holds everything as of one moment, and nothing else is ever put back.
@Suite("Backups")
struct BackupTests {
    @Test("A backup put back is the same installation: every file, every task, and its own secret")
    func roundTrip() async throws {
        let fixture = try await BackupFixture()
        let result = try await fixture.backUp()
        #expect(result.manifest.files.map(\.name) == ["popug.json", "secret"] + DataFolder.databaseNames)
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let restored = try await fixture.restore()
        #expect(restored == result.manifest)
        #expect(try await fixture.tasks(in: fixture.target) == 20)
        #expect(
            FileManager.default.contentsEqual(
                atPath: fixture.data + "/secret", andPath: fixture.target + "/secret"))
        #expect(try fixture.left() == ["backup.tar.gz", "restored"])
    }

    @Test("Any tar and sha256sum read it, at a place where no popug is")
    func plainTools() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let place = fixture.folder.path + "/plain"
        #expect(try PopugProcess.system(["mkdir", place]))
        #expect(try PopugProcess.system(["tar", "-xzf", fixture.file, "-C", place]))
        #expect(try PopugProcess.system(["sh", "-c", "cd \(place) && sha256sum --strict -c SHA256SUMS"]))
    }

    @Test("A backup cut off at any place is refused, and leaves nothing")
    func truncated() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let whole = try Data(contentsOf: URL(filePath: fixture.file))
        for part in [0, 1, 20, 700, whole.count / 3, whole.count / 2, whole.count - 9, whole.count - 1] {
            try await refused(fixture, whole.prefix(part), "\(part) of \(whole.count) bytes")
        }
    }

    /// A bit may be one that means nothing: in a gzip header's time, or in how far back a run of zeroes is copied from. So
    /// what another program unpacks decides: a file that is still the same may be taken, any other one never.
    @Test("A backup with any bit turned over is refused, and leaves nothing, unless what is in it is the same")
    func flipped() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let whole = try Data(contentsOf: URL(filePath: fixture.file))
        let plain = fixture.folder.path + "/plain"
        #expect(try PopugProcess.system(["sh", "-c", "gzip -dc \(fixture.file) > \(plain)"]))
        var generator = SplitMix64(seed: 3)
        var refusals = 0
        for round in 0..<32 {
            var broken = whole
            let place = Int(generator.next() % UInt64(whole.count))
            broken[place] ^= 1 << UInt8(generator.next() % 8)
            let path = fixture.folder.path + "/broken-\(round)"
            try broken.write(to: URL(filePath: path))
            let isSame = try PopugProcess.system(["sh", "-c", "gzip -dc \(path) 2> /dev/null | cmp -s - \(plain)"])
            if isSame { continue }
            try await refused(fixture, broken, "byte \(place)")
            refusals += 1
        }
        #expect(refusals >= 8)
    }

    @Test("A bit turned over in what is packed, and packed anew: its own checksums refuse it")
    func repacked() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let plain = fixture.folder.path + "/plain"
        #expect(try PopugProcess.system(["sh", "-c", "gzip -dc \(fixture.file) > \(plain)"]))
        let whole = try Data(contentsOf: URL(filePath: plain))
        var generator = SplitMix64(seed: 4)
        for _ in 0..<8 {
            var broken = whole
            // Past the small files: what fills the last block of one is no part of it.
            let start = 16 << 10
            let place = start + Int(generator.next() % UInt64(whole.count - start))
            broken[place] ^= 1 << UInt8(generator.next() % 8)
            try broken.write(to: URL(filePath: plain))
            #expect(try PopugProcess.system(["sh", "-c", "gzip -1 -c \(plain) > \(plain).gz"]))
            try await refused(fixture, try Data(contentsOf: URL(filePath: plain + ".gz")), "byte \(place)")
        }
    }

    @Test("Something follows the end: refused")
    func trailing() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let whole = try Data(contentsOf: URL(filePath: fixture.file))
        try await refused(fixture, whole + whole, "twice")
    }

    /// Each in a place of its own, so that one that is taken spoils no other.
    private func refused(_ fixture: BackupFixture, _ content: Data, _ place: String) async throws {
        let path = fixture.folder.path + "/broken"
        let target = fixture.folder.path + "/restored-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try content.write(to: URL(filePath: path))
        await #expect(throws: ArchiveError.self, "\(place)") { _ = try await fixture.restore(from: path, to: target) }
        #expect(!FileManager.default.fileExists(atPath: target), "\(place)")
        #expect(!FileManager.default.fileExists(atPath: target + ".restoring"), "\(place)")
    }

    @Test("A foreign file is told as such", arguments: ["", "This is a letter.", "gzip", "tar"])
    func foreign(kind: String) async throws {
        let fixture = try await BackupFixture()
        let path = fixture.folder.path + "/foreign"
        switch kind {
        case "gzip":
            #expect(try PopugProcess.system(["sh", "-c", "echo hello | gzip > \(path)"]))
        case "tar":
            #expect(try PopugProcess.system(["tar", "-czf", path, "-C", fixture.data, "popug.json"]))
        default: try kind.write(toFile: path, atomically: true, encoding: .utf8)
        }
        await #expect(throws: ArchiveError.self) { _ = try await fixture.restore(from: path) }
        #expect(try fixture.left() == ["foreign"])
    }

    @Test("A backup of a newer program is refused before anything is unpacked")
    func newer() async throws {
        let fixture = try await BackupFixture()
        let manifest = #"{"format":1,"version":"999.0.0"}"#
        try fixture.archive([("manifest.json", manifest)])
        let failure = await #expect(throws: Failure.self) { _ = try await fixture.restore() }
        #expect(failure?.description.contains("999.0.0") == true)
        #expect(try fixture.left() == ["backup.tar.gz"])
        #expect(Version.isNewer("0.10.0", than: "0.9.1") && !Version.isNewer("0.1.0", than: "0.1"))
    }

    @Test("A database of a newer schema, or of a service that is not known, is refused")
    func unknown() async throws {
        let fixture = try await BackupFixture()
        for file in [
            #"{"name":"tracker.sqlite","schema":999,"size":1}"#, #"{"name":"betting.sqlite","schema":1,"size":1}"#,
        ] {
            try fixture.archive([
                (
                    "manifest.json",
                    """
                    {"format":1,"version":"\(Version.text)","at":"2026-01-01T00:00:00Z","company":"Popug",
                    "heldMilliseconds":0,"installation":"01a1fcaf-29f5-7000-bef4-bab4299eb042","files":[\(file)]}
                    """
                )
            ])
            let failure = await #expect(throws: Failure.self) { _ = try await fixture.restore() }
            #expect(failure?.description.contains("newer popug") == true)
            #expect(try fixture.left() == ["backup.tar.gz"])
        }
    }

    @Test("Sizes in a manifest that cannot be are refused")
    func sizes() async throws {
        let fixture = try await BackupFixture()
        for size in ["-1", "\(Int64.max)"] {
            try fixture.archive([
                (
                    "manifest.json",
                    """
                    {"format":1,"version":"\(Version.text)","at":"2026-01-01T00:00:00Z","company":"Popug",
                    "heldMilliseconds":0,"installation":"01a1fcaf-29f5-7000-bef4-bab4299eb042","files":[
                    {"name":"popug.json","size":\(size)},{"name":"secret","size":\(size)}]}
                    """
                )
            ])
            await #expect(throws: ArchiveError.self) { _ = try await fixture.restore() }
            #expect(try fixture.left() == ["backup.tar.gz"])
        }
    }

    @Test("A folder that holds anything is never restored onto; an empty one is")
    func occupied() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let files = FileManager.default
        try files.createDirectory(atPath: fixture.target, withIntermediateDirectories: true)
        try "mine".write(toFile: fixture.target + "/note", atomically: true, encoding: .utf8)
        await #expect(throws: Failure.self) { _ = try await fixture.restore() }
        #expect(try files.contentsOfDirectory(atPath: fixture.target) == ["note"])
        try files.removeItem(atPath: fixture.target + "/note")
        _ = try await fixture.restore()
        #expect(try await fixture.tasks(in: fixture.target) == 20)
    }

    @Test("A folder at which a program is at work is not restored onto")
    func live() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let lock = try FolderLock(folder: fixture.data)
        let failure = await #expect(throws: Failure.self) {
            _ = try await Restore(file: fixture.file, folder: fixture.data, secretFile: nil).run { _, _ in }
        }
        #expect(failure?.description.contains("at work") == true)
        withExtendedLifetime(lock) {}
    }

    @Test("Without the secret it is restored with a copy of it, and not with another's")
    func secret() async throws {
        let fixture = try await BackupFixture()
        let result = try await fixture.backUp(withSecret: false)
        #expect(!result.manifest.hasSecret)
        let other = fixture.folder.path + "/other"
        try String(repeating: "ab", count: 32).write(toFile: other, atomically: true, encoding: .utf8)
        _ = try await fixture.restore(secretFile: fixture.data + "/secret")
        #expect(try await fixture.tasks(in: fixture.target) == 20)
        try FileManager.default.removeItem(atPath: fixture.target)
        await #expect(throws: ArchiveError.self) { _ = try await fixture.restore(secretFile: other) }
        #expect(!FileManager.default.fileExists(atPath: fixture.target))
    }

    @Test("A backup that is stopped leaves nothing, and one never takes another's place")
    func stopped() async throws {
        struct Stop: Error {}
        let fixture = try await BackupFixture()
        await #expect(throws: Stop.self) {
            try await fixture.backUp { done, total in if done > total / 3 { throw Stop() } }
        }
        #expect(try fixture.left() == [])
        try await fixture.backUp()
        await #expect(throws: Failure.self) { try await fixture.backUp() }
    }
}

extension BackupFixture {
    /// A backup by hand.
    func archive(_ files: [(name: String, text: String)]) throws {
        try? FileManager.default.removeItem(atPath: file)
        let writer = try ArchiveWriter(path: file, lanes: 1)
        for file in files { _ = try writer.add(file.name, Array(file.text.utf8), time: 0) }
        try writer.finish()
    }
}
