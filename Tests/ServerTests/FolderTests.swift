import Composition
import Foundation
import TestKit
import TestTraits
import Testing
import Web

/// What an admin's machine can do to an installation: each time a clear sentence, an exit code, and nothing lost.
@Suite(
    "Folders", .tags(.servers), .ifChosen, .enabled(if: PopugProcess.binary != nil, "start it with make test"),
    .serialized)
struct FolderTests {
    @Test("A folder without an installation says how to make one")
    func noInstallation() throws {
        let folder = try TemporaryFolder()
        for verb in [["serve"], ["verify"], ["config"], ["person", "list"]] {
            let result = try PopugProcess.run(verb + ["--data", folder.path + "/none"])
            #expect(result.status == 3)
            #expect(result.errors.contains("popug init"), "\(result.errors)")
        }
    }

    @Test("init never touches an installation that is there")
    func initTwice() throws {
        let installation = try TestInstallation(employees: 1)
        let before = try String(contentsOfFile: installation.data + "/popug.json", encoding: .utf8)
        let again = try PopugProcess.run(
            [
                "init", "--data", installation.data, "--company", "Other", "--admin-name", "X", "--admin-email",
                "x@y.zz",
                "--admin-password-file", "-",
            ], input: "another password here\n")
        #expect(again.status == 1)
        #expect(try String(contentsOfFile: installation.data + "/popug.json", encoding: .utf8) == before)
    }

    @Test("The folder and everything in it are their owner's alone, whatever was there before")
    func ownersOnly() throws {
        let folder = try TemporaryFolder()
        let data = folder.path + "/data"
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        let made = try PopugProcess.run(
            [
                "init", "--data", data, "--company", "Open", "--admin-name", "Ada", "--admin-email", "ada@example.com",
                "--admin-password-file", "-",
            ], input: "a password that is long\n")
        #expect(made.status == 0, "\(made.errors)")
        #expect(try FolderTests.open(data) == [])
        // As versions before 0.4.0 left it.
        let names = ["", "/popug.json", "/identity.sqlite", "/log.sqlite"]
        for name in names { chmod(data + name, name.isEmpty ? 0o755 : 0o644) }
        let server = try PopugProcess(data: data)
        #expect(try FolderTests.open(data) == [])
        #expect(server.stop() == 0)
        #expect(try FolderTests.open(data) == [])
    }

    /// What of a folder, and the folder itself, somebody else may look into.
    private static func open(_ folder: String) throws -> [String] {
        let files = FileManager.default
        return try ([""] + files.contentsOfDirectory(atPath: folder)).filter { name in
            let mode = try files.attributesOfItem(atPath: folder + "/" + name)[.posixPermissions] as? Int ?? 0
            return mode & 0o077 != 0
        }
    }

    @Test("A second server on the same folder is refused; the first goes on")
    func secondServer() async throws {
        let installation = try TestInstallation(employees: 1)
        let first = try PopugProcess(data: installation.data)
        let second = try PopugProcess.run(["serve", "--data", installation.data, "--listen", "127.0.0.1:0"])
        #expect(second.status == 4)
        #expect(second.errors.contains("\(first.processIdentifier)"), "\(second.errors)")
        let health = try await APIClient(address: first.address).send("GET", "/healthz")
        #expect(health.status == 200)
        #expect(first.stop() == 0)
    }

    @Test("Another installation's secret is refused at start (X21)")
    func otherSecret() throws {
        let installation = try TestInstallation(employees: 1)
        let secret = try String(contentsOfFile: installation.data + "/secret", encoding: .utf8)
        let other = (secret.hasPrefix("0") ? "1" : "0") + secret.dropFirst()
        try other.write(toFile: installation.data + "/secret", atomically: true, encoding: .utf8)
        let result = try PopugProcess.run(["serve", "--data", installation.data, "--listen", "127.0.0.1:0"])
        #expect(result.status == 3 || result.status == 4)
        #expect(result.errors.lowercased().contains("secret"), "\(result.errors)")
        try secret.write(toFile: installation.data + "/secret", atomically: true, encoding: .utf8)
        let server = try PopugProcess(data: installation.data)
        #expect(server.stop() == 0)
    }

    @Test("A folder of a newer version is refused")
    func newer() throws {
        let installation = try TestInstallation(employees: 1)
        let marked = try PopugProcess.sqlite(
            installation.data + "/tracker.sqlite", "INSERT INTO migration VALUES (9999, 'from the future', 0)")
        #expect(marked)
        let result = try PopugProcess.run(["serve", "--data", installation.data, "--listen", "127.0.0.1:0"])
        #expect(result.status == 4)
        #expect(result.errors.contains("newer"), "\(result.errors)")
    }

    @Test("A full disk: clear errors, nothing lost, and work goes on when there is room again")
    func fullDisk() async throws {
        let installation = try TestInstallation(employees: 2)
        let disk = try TemporaryFolder()
        guard try PopugProcess.system(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.path]) else {
            print("no right to mount a small disk here; the full disk is not tried")
            return
        }
        defer { _ = try? PopugProcess.system(["umount", "-l", disk.path]) }
        #expect(try PopugProcess.system(["cp", "-a", installation.data, disk.path + "/data"]))
        let data = disk.path + "/data"
        let server = try PopugProcess(data: data)
        let client = APIClient(address: server.address, token: installation.employees[0])
        var created: [String] = []
        var refusal: APIClient.Response?
        let description = String(repeating: "long ", count: 1_500)
        for count in 0..<3_000 where refusal == nil {
            let answer = try await client.send(
                "POST", "/api/tasks", json: "{\"title\":\"Task \(count)\",\"description\":\"\(description)\"}",
                key: "full-\(count)")
            if answer.status == 201, let id = answer.object["id"] as? String {
                created.append(id)
            } else {
                refusal = answer
            }
        }
        let problem = try #require(refusal, "the disk never filled")
        #expect(problem.status == 507 || problem.status == 503, "\(problem.text)")
        #expect(problem.headers["content-type"] == "application/problem+json")
        #expect(try PopugProcess.system(["mount", "-o", "remount,size=64m", disk.path]))
        let again = try await client.send("POST", "/api/tasks", json: "{\"title\":\"Room again\"}", key: "room")
        #expect(again.status == 201, "\(again.text)")
        for id in created {
            #expect(try await client.send("GET", "/api/tasks/\(id)").status == 200)
        }
        #expect(server.stop() == 0)
        let verdict = try PopugProcess.run(["verify", "--data", data])
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }

    @Test("A read-only folder is refused with a sentence")
    func readOnly() throws {
        let installation = try TestInstallation(employees: 1)
        guard try PopugProcess.system(["mount", "--bind", installation.data, installation.data]),
            try PopugProcess.system(["mount", "-o", "remount,ro,bind", installation.data])
        else {
            print("no right to mount here; the read-only folder is not tried")
            return
        }
        defer { _ = try? PopugProcess.system(["umount", "-l", installation.data]) }
        let result = try PopugProcess.run(["serve", "--data", installation.data, "--listen", "127.0.0.1:0"])
        #expect(result.status == 4)
        #expect(result.errors.hasPrefix("popug: "), "\(result.errors)")
    }

    @Test("A broken popug.json names the file; a wrong value names the setting")
    func brokenConfiguration() throws {
        let installation = try TestInstallation(employees: 1)
        let zone = try PopugProcess.run(
            ["serve", "--data", installation.data, "--listen", "127.0.0.1:0"],
            environment: ["POPUG_TIME_ZONE": "Mars/Olympus"])
        #expect(zone.status == 3)
        #expect(zone.errors.contains("time-zone"))
        try "{ not json".write(toFile: installation.data + "/popug.json", atomically: true, encoding: .utf8)
        let broken = try PopugProcess.run(["serve", "--data", installation.data, "--listen", "127.0.0.1:0"])
        #expect(broken.status == 3)
        #expect(broken.errors.contains("popug.json"), "\(broken.errors)")
    }

    @Test("config says where each value comes from, and shows no secret")
    func config() throws {
        let installation = try TestInstallation(employees: 1)
        let result = try PopugProcess.run(
            ["config", "--data", installation.data], environment: ["POPUG_LOG_LEVEL": "debug"])
        #expect(result.status == 0)
        let lines = result.output.split(separator: "\n")
        #expect(lines.contains { $0.hasPrefix("log-level") && $0.contains("environment") })
        #expect(lines.contains { $0.hasPrefix("company") && $0.contains("file") })
        #expect(lines.contains { $0.hasPrefix("fee") && $0.contains("default") })
        let secret = try String(contentsOfFile: installation.data + "/secret", encoding: .utf8)
            .trimmingCharacters(in: .newlines)
        #expect(!result.output.contains(secret))
        let masked = try PopugProcess.run(
            ["config", "--data", installation.data], environment: ["POPUG_SECRET": secret])
        #expect(!masked.output.contains(secret))
    }
}
