import Foundation
import Synchronization

/// The sample payment provider (`scripts/provider.py`) on loopback, for as long as the object lives: another
/// implementation of the protocol, in a process of its own, which outlives a server that is killed.
package final class SampleProvider: @unchecked Sendable {
    // Only the test that owns this object touches `process`; a lock guards what it prints.
    private let process = Process()
    private let input = Pipe()
    private let printed = Mutex<[UInt8]>([])
    private let folder: TemporaryFolder
    package private(set) var port = 0

    /// A line that the provider printed: `moved`, `callback` or `refused`.
    package struct Event: Sendable, Decodable {
        package let event: String
        package let payout: String?
        package let sum: Int64?
        /// What the exchange answered to a callback; 0 if there was no answer.
        package let answer: Int?
        /// What is wrong with a callback's signature.
        package let forged: String?
    }

    package var secretFile: String { folder.path + "/provider-secret" }

    /// The settings of `popug` for this provider.
    package var settings: [String: String] {
        [
            "POPUG_PROVIDER": "http", "POPUG_PROVIDER_ADDRESS": "http://127.0.0.1:\(port)/v1",
            "POPUG_PROVIDER_SECRET_FILE": secretFile,
        ]
    }

    private static let script = Repository.path("scripts/provider.py")

    package init(_ arguments: [String]) throws {
        folder = try TemporaryFolder()
        try "a secret for the sample provider\n".write(toFile: secretFile, atomically: true, encoding: .utf8)
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["python3", SampleProvider.script, "--port", "0", "--secret-file", secretFile] + arguments
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        output.follow { [weak self] bytes in self?.printed.withLock { $0 += bytes } }
        try process.begin()
        let end = Date().addingTimeInterval(20)
        while port == 0, Date() < end {
            if let line = lines.first(where: { $0.hasPrefix("Ready ") }) { port = Int(line.dropFirst(6)) ?? 0 }
            usleep(2000)
        }
        guard port != 0 else { throw NotReady() }
    }

    package struct NotReady: Error {}

    deinit {
        guard process.isRunning else { return }
        try? input.fileHandleForWriting.close()
        process.terminate()
        _ = process.waitUntilExit(atMost: 10)
    }

    private var lines: [String] {
        let text = String(decoding: printed.withLock { $0 }, as: UTF8.self)
        // The last piece is a line only once its line end has come.
        return Array(text.components(separatedBy: "\n").dropLast())
    }

    /// Everything that it has reported so far.
    package var events: [Event] {
        lines.filter { $0.hasPrefix("{") }.compactMap { try? JSONDecoder().decode(Event.self, from: Data($0.utf8)) }
    }

    /// Every movement of money, in order.
    package var moved: [Event] { events.filter { $0.event == "moved" } }
}
