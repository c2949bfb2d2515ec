import Foundation
import SQLiteDriver
import Storage
import Synchronization
import Values

/// The real executable, run as users run it: `popug serve` in the test's own folder, on a free loopback port.
/// `POPUG_BINARY` is its path.
package final class PopugProcess: @unchecked Sendable {
    // Only the test that owns this object touches `process`, one call at a time; a lock guards the output.
    private let process = Process()
    private let output = Output()
    /// `http://127.0.0.1:40123`
    package private(set) var address = ""

    /// The executable under test; `nil` if the tests were not started by `make test`.
    package static var binary: String? { ProcessInfo.processInfo.environment["POPUG_BINARY"] }
    /// The checkout's folder.
    package static var root: String? { ProcessInfo.processInfo.environment["POPUG_ROOT"] }

    /// Starts `popug serve` and returns when it says that it is ready.
    /// - Parameter through: a command that then executes it, such as one that enters another network first.
    /// - Throws: ``StartFailure`` with what it printed, if it ends or is not ready within 90 seconds.
    package convenience init(
        data: String, arguments: [String] = [], environment: [String: String] = [:], through: [String] = []
    ) throws {
        try self.init("serve", ["--data", data] + arguments, environment, through: through)
    }

    /// Starts `popug gateway`, with the key from a folder's secret.
    package static func gateway(
        _ upstreams: String, data: String, arguments: [String] = [], environment: [String: String] = [:],
        through: [String] = []
    ) throws -> PopugProcess {
        try PopugProcess(
            "gateway", ["--data", data, "--upstreams", upstreams] + arguments, environment, through: through)
    }

    private init(
        _ verb: String, _ arguments: [String], _ environment: [String: String], through: [String] = []
    ) throws {
        let binary = PopugProcess.binary ?? "popug"
        process.executableURL = URL(filePath: through.isEmpty ? binary : "/usr/bin/env")
        process.arguments =
            (through.isEmpty ? [] : through + [binary]) + [verb, "--listen", "127.0.0.1:0"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        pipe.follow { [output] in output.take($0) }
        process.terminationHandler = { [output] _ in output.end() }
        try process.begin()
        guard let line = output.line(beginning: "Ready on ", within: 90) else {
            endAtOnce(process.processIdentifier)
            throw StartFailure(output: output.text)
        }
        address = String(line.dropFirst("Ready on ".count))
    }

    package struct StartFailure: Error, CustomStringConvertible {
        package let output: String
        package var description: String { "popug did not get ready:\n\(output)" }
    }

    /// What it has printed so far.
    package var printed: String { output.text }
    package var processIdentifier: Int32 { process.processIdentifier }

    /// Sends SIGKILL: the process dies at once.
    package func kill() {
        if process.isRunning { endAtOnce(process.processIdentifier) }
        process.waitUntilExit()
    }

    /// Sends SIGTERM, and waits for an orderly end. Returns the exit code. If the process had to be killed, reports
    /// what it was doing.
    @discardableResult
    package func stop() -> Int32 {
        process.terminate()
        if let left = process.waitUntilExit(atMost: 90) {
            print("popug did not end by itself: \(left)\nIt had said:\n\(output.text.suffix(4000))")
        }
        return process.terminationStatus
    }

    /// Runs another verb to its end.
    /// - Parameters:
    ///   - through: a command that then executes it.
    ///   - program: `-dev` for `popug-dev`, which stands beside.
    /// - Throws: ``Endless`` if it does not end within five minutes.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], input: String? = nil, through: [String] = [],
        of program: String = ""
    ) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        let binary = (binary ?? "popug") + program
        process.executableURL = URL(filePath: through.isEmpty ? binary : "/usr/bin/env")
        process.arguments = through.isEmpty ? arguments : through + [binary] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Files, not pipes: a verb may print more than a pipe holds before anybody reads it.
        let folder = try TemporaryFolder()
        let out = folder.path + "/out"
        let err = folder.path + "/err"
        _ = FileManager.default.createFile(atPath: out, contents: nil)
        _ = FileManager.default.createFile(atPath: err, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        if let input {
            let pipe = Pipe()
            process.standardInput = pipe
            try process.begin()
            pipe.fileHandleForWriting.write(Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        } else {
            process.standardInput = FileHandle.nullDevice
            try process.begin()
        }
        let left = process.waitUntilExit(atMost: 300)
        let (printed, said) = (
            try String(contentsOfFile: out, encoding: .utf8), try String(contentsOfFile: err, encoding: .utf8)
        )
        if let left { throw Endless(command: arguments, stood: left, output: printed + said) }
        return (process.terminationStatus, printed, said)
    }

    /// A program that did not end, and was killed.
    package struct Endless: Error, CustomStringConvertible {
        let command: [String]
        let stood: String
        let output: String
        package var description: String { "\(command.joined(separator: " ")) did not end: \(stood)\n\(output)" }
    }

    /// Runs a system command. Returns whether it succeeded.
    package static func system(_ command: [String]) throws -> Bool {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.begin()
        if let left = process.waitUntilExit(atMost: 60) { throw Endless(command: command, stood: left, output: "") }
        return process.terminationStatus == 0
    }

    /// Changes a stopped installation's database without the program.
    package static func sqlite(_ path: String, _ statement: String) throws -> Bool {
        let database = try SQLiteDatabase(path: path, name: "outside")
        defer { database.close() }
        return try database.write { try $0.change(SQL(text: statement, values: [])) } > 0
    }

    /// The first column of a stopped installation's rows, as ids.
    package static func rows(_ path: String, _ query: String) throws -> [String] {
        try outbound(path) {
            try $0.fetch(SQL(text: query, values: [])).map { try $0(0, as: ID.self).description }
        }
    }

    /// The one number that a query finds in a stopped installation's database.
    package static func number(_ path: String, _ query: String) throws -> Int {
        try outbound(path) { try $0.value(SQL(text: query, values: [])) } ?? 0
    }

    /// The first column that a query finds in a stopped installation's database.
    package static func texts(_ path: String, _ query: String) throws -> [String] {
        try outbound(path) { try $0.fetch(SQL(text: query, values: [])).map { try $0(0) } }
    }

    private static func outbound<T: Sendable>(
        _ path: String, _ body: @escaping @Sendable (any Transaction) throws -> T
    ) throws -> T {
        let database = try SQLiteDatabase(path: path, name: "outside")
        defer { database.close() }
        return try database.read(body)
    }

    /// The output of a program, for code that waits for a line of it.
    package final class Output: Sendable {
        private struct State {
            var data = Data()
            var ended = false
        }
        private let state = Mutex(State())
        private let moved = DispatchSemaphore(value: 0)

        package init() {}

        package func take(_ more: Data) {
            state.withLock { $0.data.append(more) }
            moved.signal()
        }

        /// Nothing more comes: the program has ended.
        package func end() {
            state.withLock { $0.ended = true }
            moved.signal()
        }

        package var text: String { state.withLock { String(decoding: $0.data, as: UTF8.self) } }

        /// The first line that begins like this; `nil` if it does not come before the end, or in that time.
        package func line(beginning prefix: String, within seconds: Double) -> String? {
            let deadline = DispatchTime.now() + seconds
            while true {
                for line in text.split(separator: "\n") where line.hasPrefix(prefix) { return String(line) }
                if state.withLock({ $0.ended }) || moved.wait(timeout: deadline) == .timedOut { return nil }
            }
        }
    }
}

/// Outside the class, because inside it `kill` would mean the class's own method.
private func endAtOnce(_ process: Int32) {
    kill(process, SIGKILL)
}
