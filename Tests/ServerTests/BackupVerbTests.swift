import Composition
import Foundation
import Synchronization
import TestKit
import TestTraits
import Testing

/// `popug backup` and `popug restore` as an admin uses them, beside a real server, and killed.
@Suite(
    "Backup and restore", .tags(.servers), .ifChosen,
    .enabled(if: PopugProcess.binary != nil, "start it with make test"), .serialized)
struct BackupVerbTests {
    /// What the load was answered.
    private final class Answered: Sendable {
        let state = Mutex((ids: [String](), isOver: false))
    }

    @Test("X40: under load everything that was answered before the backup is in it, and verify finds it whole")
    func underLoad() async throws {
        let installation = try TestInstallation()
        let server = try PopugProcess(data: installation.data)
        let answered = Answered()
        var before: [[String]] = []
        let files = (0..<5).map { installation.folder.path + "/\($0).tar.gz" }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, token) in installation.employees.enumerated() {
                let client = APIClient(address: server.address, token: token)
                group.addTask { try await load(client, name: "load-\(index)", answered) }
            }
            let deadline = ContinuousClock.now + .seconds(90)
            for (number, file) in files.enumerated() where ContinuousClock.now < deadline {
                while ContinuousClock.now < deadline, answered.state.withLock({ $0.ids.count }) < (number + 1) * 40 {
                    await Task.yield()
                }
                before.append(answered.state.withLock { $0.ids })
                let output = try TestInstallation.run(["backup", file, "--data", installation.data])
                #expect(output.contains("writers stood still for"))
            }
            answered.state.withLock { $0.isOver = true }
            try await group.waitForAll()
        }
        try #require(before.count == files.count, "the load did not get on")
        #expect(server.stop() == 0)
        #expect(try installation.verify().clean)
        for (number, file) in files.enumerated() {
            let data = installation.folder.path + "/restored-\(number)"
            try TestInstallation.run(["restore", file, "--data", data])
            let verdict = try PopugProcess.run(["verify", "--data", data])
            #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
            let there = try tasks(in: data)
            #expect(before[number].allSatisfy { there.contains($0) }, "\(file) misses what was answered before it")
        }
        // The restored one starts, applies what was on its way, and is whole; the old tokens are worth nothing in it.
        let data = installation.folder.path + "/restored-4"
        let restored = try PopugProcess(data: data)
        let client = APIClient(address: restored.address, token: installation.admin)
        #expect(try await client.send("GET", "/api/people").status == 401)
        let token = try TestInstallation.run(["person", "token", "ada@example.com", "--data", data, "--name", "new"])
        let signedIn = APIClient(address: restored.address, token: token)
        #expect(try await signedIn.send("GET", "/api/people").status == 200)
        #expect(try PopugProcess.run(["doctor", "--data", data]).status == 0)
        #expect(restored.stop() == 0)
        let verdict = try PopugProcess.run(["verify", "--data", data])
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }

    private func load(_ client: APIClient, name: String, _ answered: Answered) async throws {
        for count in 0..<100_000 where !answered.state.withLock({ $0.isOver }) {
            let answer = try await client.send(
                "POST", "/api/tasks", json: "{\"title\":\"\(name) \(count)\"}", key: "\(name)-\(count)")
            #expect(answer.status == 201, "\(answer.text)")
            if let id = answer.object["id"] as? String { answered.state.withLock { $0.ids.append(id) } }
        }
    }

    private func tasks(in data: String) throws -> Set<String> {
        let path = data + "/tracker.sqlite"
        let database = try PopugProcess.rows(path, "SELECT id FROM task")
        return Set(database)
    }

    @Test("Killed at any moment, a backup leaves no file or a whole one, and a restore no folder or a whole one")
    func killed() throws {
        let installation = try TestInstallation(employees: 1)
        try ballast(installation, megabytes: 40)
        let folder = installation.folder.path
        let whole = folder + "/whole.tar.gz"
        let duration = try time { try TestInstallation.run(["backup", whole, "--data", installation.data]) }
        var generator = SplitMix64(seed: 8)
        func moment() -> Double { Double(generator.next() % 1000) / 1000 * duration * 1.1 }
        for round in 0..<8 {
            let file = folder + "/killed-\(round).tar.gz"
            try cut(["backup", file, "--data", installation.data], after: moment(), with: SIGKILL)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).allSatisfy { !$0.hasPrefix(".popug") })
            guard FileManager.default.fileExists(atPath: file) else { continue }
            let data = folder + "/from-\(round)"
            try TestInstallation.run(["restore", file, "--data", data])
            try FileManager.default.removeItem(atPath: data)
        }
        let data = folder + "/restored"
        for _ in 0..<8 {
            try cut(["restore", whole, "--data", data], after: moment(), with: SIGKILL)
            guard FileManager.default.fileExists(atPath: data) else { continue }
            #expect(try PopugProcess.run(["verify", "--data", data]).status == 0)
            try FileManager.default.removeItem(atPath: data)
        }
        // What the killed ones left is in nobody's way.
        try TestInstallation.run(["restore", whole, "--data", data])
        #expect(!FileManager.default.fileExists(atPath: data + ".restoring"))
    }

    @Test("Ctrl-C ends a backup and a restore with a word, and leaves nothing")
    func interrupted() throws {
        let installation = try TestInstallation(employees: 1)
        try ballast(installation, megabytes: 60)
        let folder = installation.folder.path
        let whole = folder + "/whole.tar.gz"
        try TestInstallation.run(["backup", whole, "--data", installation.data])
        // In their middle: what they work on is there, and its final name is not.
        try interrupt(
            ["backup", folder + "/no.tar.gz", "--data", installation.data], at: folder + "/no.tar.gz.partial")
        try interrupt(["restore", whole, "--data", folder + "/no"], at: folder + "/no.restoring/popug.json")
        // When the last of it is unpacked, and all is checked.
        try interrupt(["restore", whole, "--data", folder + "/no"], at: folder + "/no.restoring/log.sqlite")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(left == ["data", "whole.tar.gz"])
    }

    @Test("A full disk ends a backup with a sentence, and leaves nothing")
    func fullDisk() throws {
        let installation = try TestInstallation(employees: 1)
        try ballast(installation, megabytes: 8)
        let disk = try TemporaryFolder()
        guard try PopugProcess.system(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.path]) else {
            print("no right to mount a small disk here; the full disk is not tried")
            return
        }
        defer { _ = try? PopugProcess.system(["umount", "-l", disk.path]) }
        let result = try PopugProcess.run(["backup", disk.path + "/a.tar.gz", "--data", installation.data])
        #expect(result.status == 4)
        #expect(result.errors.contains("no room left"), "\(result.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
        let whole = installation.folder.path + "/whole.tar.gz"
        try TestInstallation.run(["backup", whole, "--data", installation.data])
        let restore = try PopugProcess.run(["restore", whole, "--data", disk.path + "/data"])
        #expect(restore.status == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path).isEmpty)
    }

    @Test("A file that another backup is being written to is left alone; what a killed one left is not in the way")
    func oneAtATime() throws {
        let installation = try TestInstallation(employees: 1)
        let file = installation.folder.path + "/backup.tar.gz"
        let partial = file + ".partial"
        #expect(FileManager.default.createFile(atPath: partial, contents: Data("half of it".utf8)))
        let other = open(partial, O_WRONLY)
        #expect(flock(other, LOCK_EX) == 0)
        let refused = try PopugProcess.run(["backup", file, "--data", installation.data])
        #expect(refused.status == 1 && refused.errors.contains("Another backup"), "\(refused.errors)")
        #expect(try String(contentsOfFile: partial, encoding: .utf8) == "half of it")
        close(other)
        try TestInstallation.run(["backup", file, "--data", installation.data])
        #expect(!FileManager.default.fileExists(atPath: partial))
    }

    @Test("Two backups at the same moment beside a running server are both whole")
    func twoAtOnce() async throws {
        let installation = try TestInstallation(employees: 1)
        let server = try PopugProcess(data: installation.data)
        let files = (0..<4).map { installation.folder.path + "/\($0).tar.gz" }
        let data = installation.data
        try await withThrowingTaskGroup(of: Void.self) { group in
            for file in files {
                group.addTask { try TestInstallation.run(["backup", file, "--data", data]) }
            }
            try await group.waitForAll()
        }
        #expect(server.stop() == 0)
        for file in files {
            let folder = file + ".restored"
            try TestInstallation.run(["restore", file, "--data", folder])
            #expect(try PopugProcess.run(["verify", "--data", folder]).status == 0)
        }
    }

    @Test("A restore onto a disk's empty mount point is put together on that disk, and is whole or can be tried again")
    func mountPoint() throws {
        let installation = try TestInstallation(employees: 1)
        let file = installation.folder.path + "/backup.tar.gz"
        try TestInstallation.run(["backup", file, "--data", installation.data])
        let disk = try TemporaryFolder()
        guard try PopugProcess.system(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.path]) else {
            print("no right to mount a disk here; a mount point is not tried")
            return
        }
        defer { _ = try? PopugProcess.system(["umount", "-l", disk.path]) }
        let files = FileManager.default
        // As a killed restore would have left it, on a file system that has a folder of its own.
        for folder in ["lost+found", ".restoring"] {
            try files.createDirectory(atPath: disk.path + "/" + folder, withIntermediateDirectories: false)
        }
        #expect(files.createFile(atPath: disk.path + "/tracker.sqlite", contents: Data("half".utf8)))
        try TestInstallation.run(["restore", file, "--data", disk.path])
        #expect(!files.fileExists(atPath: disk.path + "/.restoring"))
        #expect(try PopugProcess.run(["verify", "--data", disk.path]).status == 0)
        let again = try PopugProcess.run(["restore", file, "--data", disk.path])
        #expect(again.status == 1 && again.errors.contains("nothing was changed"), "\(again.errors)")
    }

    @Test("A restore onto the live folder is refused, and the server goes on")
    func live() async throws {
        let installation = try TestInstallation(employees: 1)
        let server = try PopugProcess(data: installation.data)
        let file = installation.folder.path + "/backup.tar.gz"
        try TestInstallation.run(["backup", file, "--data", installation.data])
        let result = try PopugProcess.run(["restore", file, "--data", installation.data])
        #expect(result.status == 1)
        #expect(result.errors.contains("\(server.processIdentifier)"), "\(result.errors)")
        #expect(try await APIClient(address: server.address).send("GET", "/readyz").status == 200)
        #expect(server.stop() == 0)
        #expect(try PopugProcess.run(["restore", file, "--data", installation.data]).status == 1)
        #expect(try installation.verify().clean)
    }

    /// Pages that hardly compress, in a table of their own.
    private func ballast(_ installation: TestInstallation, megabytes: Int) throws {
        _ = try PopugProcess.sqlite(
            installation.data + "/log.sqlite", "CREATE TABLE ballast (id INTEGER PRIMARY KEY, bytes BLOB)")
        _ = try PopugProcess.sqlite(
            installation.data + "/log.sqlite",
            """
            INSERT INTO ballast (bytes) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(megabytes))
            SELECT randomblob(1000000) FROM n
            """)
    }

    private func time(_ body: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try body()
        let taken = start.duration(to: .now).components
        return Double(taken.seconds) + Double(taken.attoseconds) / 1e18
    }

    /// Runs a verb and presses Ctrl-C as soon as a file of its work is there. It must end by it, with a word.
    private func interrupt(_ arguments: [String], at path: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: PopugProcess.binary ?? "popug")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        try process.begin()
        while process.isRunning, !FileManager.default.fileExists(atPath: path) { sched_yield() }
        #expect(process.isRunning, "it ended before \(path) was there")
        kill(process.processIdentifier, SIGINT)
        let said = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(process.waitUntilExit(atMost: 120) == nil)
        #expect(process.terminationStatus == 1)
        #expect(said.contains("stopped; nothing was left behind"), "\(said)")
    }

    /// Runs a verb and sends it a signal after a while; its moment is the test's subject. Returns when it has ended.
    private func cut(_ arguments: [String], after seconds: Double, with signal: Int32) throws {
        let process = Process()
        process.executableURL = URL(filePath: PopugProcess.binary ?? "popug")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.begin()
        let number = process.processIdentifier
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [process] in
            if process.isRunning { kill(number, signal) }
        }
        #expect(process.waitUntilExit(atMost: 120) == nil)
    }
}
