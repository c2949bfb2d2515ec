import Composition
import Foundation
import TestKit
import TestTraits
import Testing

/// X63: what cannot be written, or is not read, neither ends the program nor holds it up.
@Suite(
    "Output", .tags(.servers), .ifChosen, .enabled(if: PopugProcess.binary != nil, "start it with make test"),
    .serialized)
struct OutputTests {
    /// Shell scripts that give a program, the rest of their arguments, a descriptor on which writing fails, or never comes
    /// to its end. `$0` is a folder of the test's.
    private static func unwritable(_ descriptor: Int) -> [String: String] {
        [
            "full": "exec \"$@\" \(descriptor)>/dev/full",
            // A pipe without a reader: held by a third descriptor until this one is open.
            "deserted": "mkfifo $0/f; exec 9<>$0/f \(descriptor)>$0/f 9>&-; exec \"$@\"",
            "closed": "exec \"$@\" \(descriptor)>&-",
        ]
    }

    private static func through(_ script: String, _ folder: String) -> [String] { ["sh", "-c", script, folder] }

    @Test("A server and a gateway whose logs cannot be written answer on, count what is lost, and end in order")
    func logUnwritable() async throws {
        let installation = try TestInstallation(employees: 1)
        for (how, script) in OutputTests.unwritable(2) {
            let folders = try (TemporaryFolder(), TemporaryFolder())
            let server = try PopugProcess(
                data: installation.data, arguments: ["--log-level", "info"],
                through: OutputTests.through(script, folders.0.path))
            let gateway = try PopugProcess.gateway(
                "identity,tracker,accounting,payouts,analytics,mailer=\(server.address)", data: installation.data,
                arguments: ["--log-level", "info"], through: OutputTests.through(script, folders.1.path))
            try await answersAndCounts(gateway, installation)
            try await answersAndCounts(server, installation)
            #expect(gateway.stop() == 0, "\(how)")
            #expect(server.stop() == 0, "\(how)")
        }
    }

    private func answersAndCounts(_ server: PopugProcess, _ installation: TestInstallation) async throws {
        let client = APIClient(address: server.address, token: installation.employees[0])
        for number in 0..<5 {
            #expect(try await client.send("GET", "/api/tasks?q=\(number)").status == 200)
        }
        try await OutputTests.wait { try await OutputTests.lost(client) >= 5 }
    }

    private static func lost(_ client: APIClient) async throws -> Int {
        let figures = try await client.send("GET", "/metrics")
        #expect(figures.status == 200)
        let line = figures.text.split(separator: "\n").first { $0.hasPrefix("popug_log_lines_lost_total ") }
        return try #require(line?.split(separator: " ").last.flatMap { Int($0) }, "\(figures.text.prefix(500))")
    }

    /// Asks until it is so, each time with another request.
    private static func wait(until isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(90)
        while try await !isSo() {
            try #require(ContinuousClock.now < deadline, "it has not become so")
            await Task.yield()
        }
    }

    @Test("A log that nobody reads holds up no request and no end; whoever reads again hears what is missing")
    func logUnread() async throws {
        let installation = try TestInstallation(employees: 1)
        let folders = try (TemporaryFolder(), TemporaryFolder())
        let first = try await unread(installation, folders.0)
        let began = ContinuousClock.now
        #expect(first.stop() == 0)
        #expect(began.duration(to: .now) < .seconds(15))

        let server = try await unread(installation, folders.1)
        let client = APIClient(address: server.address, token: installation.employees[0])
        let pipe = folders.1.path + "/f"
        let reader = try #require(fopen(pipe, "r"))
        defer { fclose(reader) }
        var line = [CChar](repeating: 0, count: 1 << 16)
        var told = ""
        while told.isEmpty, fgets(&line, Int32(line.count), reader) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: String])
            if let count = object["lost"] { told = count }
            if told.isEmpty { _ = try await client.send("GET", "/api/tasks?limit=1") }
        }
        #expect(Int(told) ?? 0 > 0)
        #expect(server.stop() == 0)
    }

    /// A server whose log has filled its pipe, so that lines are lost.
    private func unread(_ installation: TestInstallation, _ folder: TemporaryFolder) async throws -> PopugProcess {
        // It holds both ends itself: full after 64 KiB, and never without a reader.
        let server = try PopugProcess(
            data: installation.data, arguments: ["--log-level", "info"],
            through: OutputTests.through("mkfifo $0/f; exec \"$@\" 2<>$0/f", folder.path))
        let client = APIClient(address: server.address, token: installation.employees[0])
        var slowest = Duration.zero
        try await OutputTests.wait {
            for _ in 0..<100 {
                let began = ContinuousClock.now
                #expect(try await client.send("GET", "/api/tasks?limit=1").status == 200)
                slowest = max(slowest, began.duration(to: .now))
            }
            return try await OutputTests.lost(client) > 0
        }
        #expect(slowest < .seconds(10))
        return server
    }

    @Test("A server that cannot say that it is ready serves")
    func readyUnwritable() async throws {
        let installation = try TestInstallation(employees: 1)
        for script in OutputTests.unwritable(1).values { try await serves(installation, script) }
    }

    private func serves(_ installation: TestInstallation, _ script: String) async throws {
        let folder = try TemporaryFolder()
        let port = Loopback.freePort()
        let server = Process()
        server.executableURL = URL(filePath: "/usr/bin/env")
        server.arguments =
            OutputTests.through(script, folder.path)
            + [PopugProcess.binary ?? "popug", "serve", "--data", installation.data, "--listen", "127.0.0.1:\(port)"]
        server.standardError = FileHandle.nullDevice
        try server.begin()
        let client = APIClient(address: "http://127.0.0.1:\(port)")
        try await OutputTests.wait {
            try #require(server.isRunning)
            return (try? await client.send("GET", "/healthz").status) == 200
        }
        server.terminate()
        #expect(server.waitUntilExit(atMost: 60) == nil)
        #expect(server.terminationStatus == 0 && server.terminationReason == .exit)
    }

    @Test("One full disk for the data and the log: 507, the process lives, and goes on when there is room")
    func fullDisk() async throws {
        let installation = try TestInstallation(employees: 1)
        let disk = try TemporaryFolder()
        guard try PopugProcess.system(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.path]) else {
            print("no right to mount a small disk here; one full disk for data and log is not tried")
            return
        }
        defer { _ = try? PopugProcess.system(["umount", "-l", disk.path]) }
        #expect(try PopugProcess.system(["cp", "-a", installation.data, disk.path + "/data"]))
        let server = try PopugProcess(
            data: disk.path + "/data", arguments: ["--log-level", "info"],
            through: OutputTests.through("exec \"$@\" 2>>$0/log", disk.path))
        let client = APIClient(address: server.address, token: installation.employees[0])
        let description = String(repeating: "long ", count: 1_500)
        var refusal: APIClient.Response?
        for count in 0..<3_000 where refusal == nil {
            let answer = try await client.send(
                "POST", "/api/tasks", json: "{\"title\":\"Task \(count)\",\"description\":\"\(description)\"}",
                key: "full-\(count)")
            if answer.status != 201 { refusal = answer }
        }
        #expect(refusal?.status == 507, "\(refusal?.text ?? "the disk never filled")")
        #expect(refusal?.headers["content-type"] == "application/problem+json")
        try await OutputTests.wait { try await OutputTests.lost(client) > 0 }
        #expect(try PopugProcess.system(["mount", "-o", "remount,size=64m", disk.path]))
        #expect(try await client.send("POST", "/api/tasks", json: "{\"title\":\"Room\"}", key: "room").status == 201)
        try await OutputTests.wait {
            _ = try await client.send("GET", "/api/tasks?limit=1")
            return try String(contentsOfFile: disk.path + "/log", encoding: .utf8).contains("\"lost\"")
        }
        #expect(server.stop() == 0)
        let log = try String(contentsOfFile: disk.path + "/log", encoding: .utf8)
        // Whatever broke off stands on a line of its own.
        let broken = log.split(separator: "\n").filter {
            (try? JSONSerialization.jsonObject(with: Data($0.utf8))) == nil
        }
        #expect(broken.count <= 1 + log.split(separator: "\n").count { $0.contains("\"lost\"") }, "\(broken)")
        let verdict = try PopugProcess.run(["verify", "--data", disk.path + "/data"])
        #expect(verdict.status == 0, "\(verdict.output)\(verdict.errors)")
    }

    @Test("Every verb whose output is full says so and ends with 4; where nobody reads it ends quietly")
    func verbs() throws {
        let installation = try TestInstallation(employees: 1)
        let folder = installation.folder.path
        try "created_at,created_by,title\n2026-11-02T10:00:00Z,Ada Admin,One\n".write(
            toFile: folder + "/work.csv", atomically: true, encoding: .utf8)
        for how in ["full", "deserted", "closed"] {
            for (arguments, data) in OutputTests.verbs(folder, how) {
                let place = data ? ["--data", installation.data] : []
                let scratch = try TemporaryFolder()
                let script = try #require(OutputTests.unwritable(1)[how])
                let result = try OutputTests.run(script, scratch.path, arguments + place)
                let said = result.errors.split(separator: "\n").filter { $0.hasPrefix("popug: ") }
                let about = Comment(rawValue: "\(how): \(arguments): \(result)")
                #expect(result.status == (how == "full" ? 4 : 141), about)
                #expect(said.count == (how == "full" ? 1 : 0), about)
                #expect(said.allSatisfy { $0.contains("No space left on device") }, about)
            }
        }
        #expect(try installation.verify().clean)
    }

    /// Each verb that prints a result, and whether it wants the folder.
    private static func verbs(_ folder: String, _ how: String) -> [([String], Bool)] {
        [
            (["--help"], false), (["--version"], false), (["version"], false), (["help", "serve"], false),
            (["--generate-completion-script", "bash"], false), (["gateway", "routes"], false),
            (["gateway", "key"], true), (["config"], true), (["doctor"], true), (["verify"], true), (["close"], true),
            (["mail", "state"], true), (["parked", "list"], true), (["events", "tail"], true),
            (["events", "tail", "--follow"], true), (["audit"], true), (["person", "list"], true),
            (["person", "add", "--name", "New \(how)", "--email", "\(how)@example.com", "--roles", "employee"], true),
            (["person", "password", "ada@example.com"], true), (["person", "link", "ada@example.com"], true),
            (["person", "passkeys", "ada@example.com"], true), (["person", "company", "ada@example.com"], true),
            (["person", "token", "ada@example.com", "--name", how], true),
            (["import", folder + "/work.csv"], true), (["rebuild", "analytics"], true),
            (["backup", folder + "/\(how).tar.gz"], true),
            (["restore", folder + "/\(how).tar.gz", "--data", folder + "/restored-\(how)"], false),
            (["contracts", "--folder", folder + "/contracts-\(how)"], false),
            (["init", "--demo", "--data", folder + "/demo-\(how)"], false),
        ]
    }

    @Test("What a verb complains of may be lost; its exit code is not", arguments: ["full", "deserted", "closed"])
    func complaints(how: String) throws {
        let scratch = try TemporaryFolder()
        let script = try #require(OutputTests.unwritable(2)[how])
        #expect(try OutputTests.run(script, scratch.path, ["config", "--data", scratch.path + "/none"]).status == 3)
        let other = try TemporaryFolder()
        #expect(try OutputTests.run(script, other.path, ["frobnicate"]).status == 2)
    }

    @Test("No file is written into that took the number of a closed descriptor")
    func closedDescriptors() throws {
        let installation = try TestInstallation(employees: 1)
        let all = try OutputTests.run(
            "exec \"$@\" <&- >&- 2>&-", installation.folder.path, ["person", "list", "--data", installation.data])
        #expect(all.status == 141)
        #expect(try installation.verify().clean)
    }

    @Test("A list that is longer than its reader likes ends with it")
    func head() throws {
        let installation = try TestInstallation(employees: 1)
        let result = try OutputTests.run(
            "\"$@\" 2>$0/err | head -1; cat $0/err", installation.folder.path,
            ["person", "list", "--data", installation.data])
        #expect(result.output.split(separator: "\n").count == 1, "\(result)")
    }

    private static func run(
        _ script: String, _ folder: String, _ arguments: [String]
    ) throws -> (status: Int32, output: String, errors: String) {
        try PopugProcess.run(arguments, through: through(script, folder))
    }
}
