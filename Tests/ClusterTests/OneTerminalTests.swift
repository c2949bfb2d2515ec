import Foundation
import TestKit
import Testing

extension ClusterTests {
    @Test(
        "make cluster: all of it in one terminal, a task through its gateway, clean while it runs, and Ctrl-C ends everything in order",
        .enabled(if: TestBroker.areThere))
    func oneTerminal() async throws {
        let folder = try TemporaryFolder()
        let terminal = try ClusterTerminal(folder.path + "/cluster")
        defer { terminal.end() }
        let line = terminal.line(beginning: "Check it with: ")
        // POPUG_DATABASE='…' POPUG_LOG='…' POPUG_LOG_AUTHORITIES='…' popug verify --data …
        let said = line?.matches(of: #/(POPUG_[A-Z_]+)='([^']*)'/#).map { (String($0.1), String($0.2)) } ?? []
        let variables = Dictionary(said, uniquingKeysWith: { $1 })
        let data = try #require(line?.firstMatch(of: #/popug verify --data (\S+)/#)?.1, "\(terminal.printed)")
        #expect(variables.count == 3, "\(terminal.printed)")
        func verb(_ words: String...) throws -> String {
            let done = try PopugProcess.run(words + ["--data", String(data)], environment: variables)
            #expect(done.status == 0, "\(words): \(done.output)\(done.errors)")
            return done.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        _ = try verb("person", "add", "--name", "Emma", "--email", "emma@example.com", "--roles", "employee")
        let token = try verb("person", "token", "emma@example.com", "--name", "tests", "--scopes", "tasks")
        let gateway = APIClient(address: "http://127.0.0.1:\(terminal.port)", token: token)
        // The Tracker hears of her as of everything else: by an event.
        try await Cluster.wait("a task through the gateway") {
            try await gateway.send("POST", "/api/tasks", json: "{\"title\":\"Through\"}", key: "one").status == 201
        }
        let page = try await gateway.send("GET", "/sign-in")
        #expect(page.status == 200, "\(page.text)")
        #expect(try verb("verify").contains("Everything holds"))
        #expect(terminal.interrupt() == 0, "\(terminal.printed)")
        #expect(terminal.printed.contains("Ending: the gateway first"))
        await #expect(throws: (any Error).self) { try await gateway.send("GET", "/sign-in", seconds: 5) }
        #expect(!FileManager.default.fileExists(atPath: terminal.folder + "/postgres/data/postmaster.pid"))
    }
}

/// `scripts/cluster.sh`, as `make cluster` runs it, in a folder of its own.
final class ClusterTerminal: @unchecked Sendable {
    // The process is only touched by the test that owns this object; what it prints is behind a lock.
    let folder: String
    let port = Loopback.freePort()
    private let process = Process()
    private let output = PopugProcess.Output()

    init(_ folder: String) throws {
        self.folder = folder
        process.executableURL = URL(filePath: "\(PopugProcess.root ?? ".")/scripts/cluster.sh")
        process.arguments = [folder]
        process.environment = ProcessInfo.processInfo.environment.merging(["PORT": "\(port)"]) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.follow { [output] in output.take($0) }
        process.terminationHandler = { [output] _ in output.end() }
        try process.begin()
    }

    var printed: String { output.text }

    /// Waits for what it prints when all runs; `nil` where that does not come.
    func line(beginning prefix: String) -> String? { output.line(beginning: prefix, within: 180) }

    /// Ctrl-C; its exit code.
    func interrupt() -> Int32 {
        process.interrupt()
        return process.waitUntilExit(atMost: 90) == nil ? process.terminationStatus : -1
    }

    /// Whatever the test has come to, nothing is left of it.
    func end() {
        if process.isRunning { _ = interrupt() }
    }
}
