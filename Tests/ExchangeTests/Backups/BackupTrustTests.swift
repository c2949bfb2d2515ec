import Archive
import Composition
import Foundation
import Operations
import SQLiteDriver
import Storage
import TestKit
import Testing
import Values
import Web

/// X61: damage is found before it is kept, a backup shows that it is genuine, and holds nothing that was to be left out.
@Suite("X61: backups that can be trusted")
struct BackupTrustTests {
    private static let judgement = """
        import sqlite3, sys
        base = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
        sys.exit(base.execute("PRAGMA integrity_check").fetchone()[0] != "ok")
        """

    @Test("Each zeroed page that SQLite calls corrupt is told by verify, and no backup is made of it")
    func zeroedPages() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        var generator = SplitMix64(seed: 8)
        var corrupt = 0
        var quick = 0
        for name in ["accounting", "tracker", "identity", "payouts", "log"].map({ $0 + ".sqlite" }) {
            let path = fixture.data + "/" + name
            let whole = try Data(contentsOf: URL(filePath: path))
            defer { try? whole.write(to: URL(filePath: path)) }
            for _ in 0..<14 {
                var broken = whole
                let page = 1 + Int(generator.next() % UInt64(whole.count / 4096 - 1))
                broken.replaceSubrange(page * 4096..<(page + 1) * 4096, with: Data(count: 4096))
                try broken.write(to: URL(filePath: path))
                // Another program's judgement.
                guard try !PopugProcess.system(["python3", "-c", BackupTrustTests.judgement, path]) else { continue }
                corrupt += 1
                let place = "page \(page) of \(name)"
                let found = try Verification.files(in: fixture.data).filter { $0.found > 0 }
                #expect(found.map(\.check) == ["\(name) is whole"], "\(place)")
                let target = fixture.folder.path + "/damaged.tar.gz"
                await #expect(throws: StorageError.self, "\(place)") { try await fixture.backUp(to: target) }
                if try !SQLiteDatabase.damage(path: path, quick: true).isEmpty { quick += 1 }
                #expect(try fixture.left() == ["backup.tar.gz"], "\(place)")
            }
        }
        #expect(corrupt >= 40, "only \(corrupt) of 70 were corrupt")
        // What `doctor` looks at is quick, and finds all but damage between an index and its table.
        #expect(quick * 10 >= corrupt * 8, "\(quick) of \(corrupt)")
        #expect(try Verification.files(in: fixture.data).allSatisfy { $0.found == 0 })
        _ = try await fixture.restore()
    }

    @Test("A damaged folder's own backups fail, say so, and push no good one out")
    func keepsGoodOnes() async throws {
        let fixture = try await BackupFixture()
        let place = fixture.data + "/backups"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        let good = (1...7).map { "popug-2026-01-0\($0)-000000.tar.gz" }
        for name in good { try Data("good".utf8).write(to: URL(filePath: place + "/" + name)) }
        try await fixture.opened { installation in
            installation.start()
            // A page of the table of accounts' history, from beneath the running server.
            let path = fixture.data + "/identity.sqlite"
            try damage(path)
            let answer = try installation.exchange.respondLocally(
                "POST", "/api/backups", body: [], type: nil, key: "now")
            #expect((200..<300).contains(answer.status), "\(answer.text)")
            let records = BackupRecords(folder: fixture.data)
            let deadline = ContinuousClock.now + .seconds(60)
            while try records.latest(1).isEmpty, ContinuousClock.now < deadline { Thread.sleep(forTimeInterval: 0.01) }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: place).sorted()
        #expect(left == good)
        let record = try BackupRecords(folder: fixture.data).latest(1).first
        #expect(record?.error?.contains("damaged") == true)
    }

    private func damage(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 4096)
        try file.write(contentsOf: Data(count: 4096))
        try file.close()
    }

    @Test(
        "A backup that somebody has changed, checksums and all, is refused; so is one without its code, unless asked for"
    )
    func authentic() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        let changed = try repack(fixture, "changed", dropping: "nothing")
        for unsigned in [false, true] {
            let error = await #expect(throws: ArchiveError.self) {
                _ = try await fixture.restore(from: changed, unsigned: unsigned)
            }
            #expect("\(try #require(error))".contains("its code does not fit"))
        }
        let bare = try repack(fixture, "bare", dropping: "SHA256SUMS.hmac")
        let failure = await #expect(throws: Failure.self) { _ = try await fixture.restore(from: bare) }
        #expect("\(try #require(failure))".contains("--unsigned"))
        #expect(!FileManager.default.fileExists(atPath: fixture.target))
        _ = try await fixture.restore(from: bare, unsigned: true)
    }

    @Test("Another secret put into a backup, with a code that fits it, is found with a copy of the right one")
    func otherSecret() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp()
        _ = try await fixture.restore(secretFile: fixture.data + "/secret")
        let other = fixture.folder.path + "/other"
        try String(repeating: "ab", count: 32).write(toFile: other, atomically: true, encoding: .utf8)
        await #expect(throws: ArchiveError.self) {
            _ = try await fixture.restore(to: fixture.folder.path + "/next", secretFile: other)
        }
    }

    @Test("A backup without its secret whose configuration names one of somebody else's is refused, code and all")
    func foreignSecret() async throws {
        let fixture = try await BackupFixture()
        let foreign = String(repeating: "ab", count: 32)
        let path = fixture.data + "/popug.json"
        let secret = fixture.data + "/secret"
        let kept = try Data(contentsOf: URL(filePath: secret))
        var values = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any])
        values["secret"] = foreign
        try JSONSerialization.data(withJSONObject: values).write(to: URL(filePath: path))
        try FileManager.default.removeItem(atPath: secret)
        // As somebody would make it who has not the right secret: its code fits the one in its own configuration.
        try await fixture.backUp()
        await #expect(throws: Failure.self) { _ = try await fixture.restore() }
        let copy = fixture.folder.path + "/copy"
        try kept.write(to: URL(filePath: copy))
        await #expect(throws: ArchiveError.self) { _ = try await fixture.restore(secretFile: copy) }
        #expect(!FileManager.default.fileExists(atPath: fixture.target))
    }

    @Test("Without the secret, a backup has to be checked against a copy of it, or taken unchecked by name")
    func withoutSecret() async throws {
        let fixture = try await BackupFixture()
        try await fixture.backUp(withSecret: false)
        await #expect(throws: Failure.self) { _ = try await fixture.restore() }
        _ = try await fixture.restore(secretFile: fixture.data + "/secret")
        _ = try await fixture.restore(to: fixture.folder.path + "/unchecked", unsigned: true)
    }

    @Test("A backup without the secret has no other one either, and names the settings that it lacks")
    func settings() async throws {
        let fixture = try await BackupFixture()
        let path = fixture.data + "/popug.json"
        let whole = try Data(contentsOf: URL(filePath: path))
        var values = try #require(try JSONSerialization.jsonObject(with: whole) as? [String: Any])
        let names = ["destination-key", "gateway-key", "mail-password", "metrics-token", "provider-secret"]
        for name in names { values[name] = String(repeating: "5ec2e7", count: 11).prefix(64).description }
        values["mail-server"] = "smtp://mail.example.com:587"
        try JSONSerialization.data(withJSONObject: values).write(to: URL(filePath: path))
        let result = try await fixture.backUp(withSecret: false)
        #expect(result.manifest.leftOut == names)
        let plain = fixture.folder.path + "/plain"
        #expect(try PopugProcess.system(["sh", "-c", "gzip -dc \(fixture.file) > \(plain)"]))
        #expect(try PopugProcess.system(["grep", "-q", "mail.example.com", plain]))
        #expect(try !PopugProcess.system(["grep", "-q", "5ec2e75ec2e7", plain]))
    }

    @Test("A backup is checked without a folder being left, a bad one too")
    func check() async throws {
        let fixture = try await BackupFixture()
        let manifest = try await fixture.backUp().manifest
        let place = fixture.folder.path + "/scratch"
        func check(_ path: String) async throws -> BackupManifest {
            try await Restore(file: path, folder: place, secretFile: nil, environment: fixture.clock.environment)
                .check { _, _ in }
        }
        #expect(try await check(fixture.file) == manifest)
        let changed = try repack(fixture, "changed", dropping: "nothing")
        await #expect(throws: ArchiveError.self) { _ = try await check(changed) }
        #expect(try fixture.left() == ["backup.tar.gz", "changed.tar.gz"])
    }

    /// The backup as somebody would pack it who has changed a name in Identity's database, and all checksums with it.
    private func repack(_ fixture: BackupFixture, _ name: String, dropping dropped: String) throws -> String {
        let script = """
            import gzip, hashlib, io, sqlite3, sys, tarfile
            source, target, scratch, dropped = sys.argv[1:]
            with tarfile.open(source) as archive:
                files = [(m.name, archive.extractfile(m).read()) for m in archive]
            changed = []
            for name, data in files:
                if name == "identity.sqlite":
                    with open(scratch, "wb") as out: out.write(data)
                    base = sqlite3.connect(scratch)
                    base.execute("UPDATE directory_person SET roles = 'admin' WHERE name = 'Worker 1'")
                    base.commit(); base.close()
                    data = open(scratch, "rb").read()
                changed.append([name, data])
            sums = "".join("%s  %s\\n" % (hashlib.sha256(d).hexdigest(), n) for n, d in changed
                           if not n.startswith("SHA256SUMS"))
            plain = io.BytesIO()
            with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
                for name, data in changed:
                    if name == dropped: continue
                    if name == "SHA256SUMS": data = sums.encode()
                    info = tarfile.TarInfo(name); info.size = len(data); info.mode = 0o600
                    archive.addfile(info, io.BytesIO(data))
                end = archive.offset
            with gzip.open(target, "wb") as out: out.write(plain.getvalue()[:end] + bytes(1024))
            """
        let target = fixture.folder.path + "/\(name).tar.gz"
        let scratch = fixture.folder.path + "/scratch.sqlite"
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: scratch + end) } }
        try #require(try PopugProcess.system(["python3", "-c", script, fixture.file, target, scratch, dropped]))
        return target
    }
}
