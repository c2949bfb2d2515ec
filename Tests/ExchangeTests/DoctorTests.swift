import Composition
import Foundation
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Values

/// The doctor names what is wrong with an installation, and what to do.
@Suite("Doctor")
struct DoctorTests {
    private func examine(_ fixture: BackupFixture, flags: [String: String] = [:]) async throws -> [Diagnosis] {
        let settings = try await Settings(folder: fixture.data, flags: flags, environment: [:])
        var environment = fixture.clock.environment
        // Files are written by the real clock.
        environment.now = { Environment.live().now() }
        return await Doctor(settings, environment: environment).examine(server: nil)
    }

    private func wrong(_ found: [Diagnosis], _ about: String) -> Bool {
        found.contains { $0.about == about && $0.verdict == .wrong && $0.todo != nil }
    }

    @Test("A sound installation has nothing wrong, and is told to make a backup")
    func sound() async throws {
        let fixture = try await BackupFixture()
        let found = try await examine(fixture)
        #expect(!found.contains { $0.verdict == .wrong }, "\(found)")
        #expect(found.contains { $0.about == "backup" && $0.verdict == .warning })
        #expect(found.allSatisfy { ($0.verdict == .fine) == ($0.todo == nil) })
    }

    @Test("Another secret, an open secret, a wrong setting: each is wrong, by its name")
    func secretAndSettings() async throws {
        let fixture = try await BackupFixture()
        let secret = fixture.data + "/secret"
        try String(repeating: "ab", count: 32).write(toFile: secret, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: secret)
        let found = try await examine(fixture, flags: ["time-zone": "Mars/Olympus", "fee": "many"])
        #expect(wrong(found, "secret") && wrong(found, "rights") && wrong(found, "configuration"))
        #expect(found.count { $0.about == "configuration" && $0.verdict == .wrong } == 2)
        try FileManager.default.removeItem(atPath: secret)
        #expect(wrong(try await examine(fixture), "secret"))
    }

    @Test("X64: where people come through TLS, the proxy must be named; by its old name too")
    func proxies() async throws {
        let fixture = try await BackupFixture()
        func warned(_ flags: [String: String]) async throws -> Bool {
            try await examine(fixture, flags: flags).contains { $0.about == "proxies" && $0.verdict == .warning }
        }
        let secure = ["public-address": "https://popug.example"]
        #expect(try await warned(secure))
        #expect(try await warned(secure.merging(["listen": "0.0.0.0:8080"]) { $1 }))
        #expect(try await !warned([:]))
        for name in ["trusted-proxies", "gateway-proxies"] {
            #expect(try await !warned(secure.merging([name: "127.0.0.1"]) { $1 }))
        }
        let found = try await examine(fixture, flags: ["trusted-proxies": "nginx", "metrics-token": "short"])
        #expect(found.count { $0.about == "configuration" && $0.verdict == .wrong } == 2)
    }

    @Test("The mail server and the provider are asked without sending or ordering anything; what is wrong is named")
    func outbound() async throws {
        let fixture = try await BackupFixture()
        let kept = try await examine(fixture)
        #expect(kept.contains { $0.about == "mail" && $0.verdict == .fine })
        #expect(kept.contains { $0.about == "provider" && $0.verdict == .fine })
        let nobody = ["mail-server": "smtp://127.0.0.1:1", "mail-from": "popug@popug.test", "mail-tls": "off"]
        #expect(wrong(try await examine(fixture, flags: nobody), "mail"))
        let provider = try SampleProvider([])
        var flags = [
            "provider": "http", "provider-address": "http://127.0.0.1:\(provider.port)/v1",
            "provider-secret-file": provider.secretFile,
        ]
        #expect(try await examine(fixture, flags: flags).contains { $0.about == "provider" && $0.verdict == .fine })
        flags["provider-secret"] = "another secret altogether"
        #expect(wrong(try await examine(fixture, flags: flags), "provider"))
        #expect(provider.moved.isEmpty)
        guard MailServer.isThere else { return }
        let server = try MailServer()
        var mail = nobody
        mail["mail-server"] = "smtp://127.0.0.1:\(server.port)"
        #expect(try await examine(fixture, flags: mail).contains { $0.about == "mail" && $0.verdict == .fine })
        mail["mail-tls"] = "required"
        #expect(wrong(try await examine(fixture, flags: mail), "mail"))
    }

    @Test("X61: a database that is gone, or emptied, while the log holds its events is wrong, and no new one")
    func gone() async throws {
        for name in ["identity", "tracker", "accounting"] {
            let fixture = try await BackupFixture()
            let path = fixture.data + "/\(name).sqlite"
            try FileManager.default.removeItem(atPath: path)
            #expect(wrong(try await examine(fixture), "\(name).sqlite"))
            try Data().write(to: URL(filePath: path))
            #expect(wrong(try await examine(fixture), "\(name).sqlite"))
        }
        // A service that has told nothing yet may be new: another version brings it along.
        let fixture = try await BackupFixture()
        try FileManager.default.removeItem(atPath: fixture.data + "/payouts.sqlite")
        #expect(!wrong(try await examine(fixture), "payouts.sqlite"))
    }

    @Test("A newer folder, a damaged file, a clock that went back are wrong")
    func data() async throws {
        let fixture = try await BackupFixture()
        _ = try PopugProcess.sqlite(
            fixture.data + "/tracker.sqlite", "INSERT INTO migration VALUES (9999, 'from the future', 0)")
        #expect(wrong(try await examine(fixture), "tracker.sqlite"))
        try "no database".write(toFile: fixture.data + "/accounting.sqlite", atomically: true, encoding: .utf8)
        #expect(wrong(try await examine(fixture), "accounting.sqlite"))
        let settings = try await Settings(folder: fixture.data, flags: [:], environment: [:])
        // The fixture's clock stands in the past of its files.
        let early = await Doctor(settings, environment: fixture.clock.environment).examine(server: nil)
        #expect(wrong(early, "clock"))
    }
}
