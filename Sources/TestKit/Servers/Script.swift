import Foundation

/// The scripts in `scripts/` that start the servers of tests and benchmarks.
package enum Script {
    /// Runs `scripts/NAME WORD…` to its end, for at most five minutes. Returns what it printed, without the final line
    /// end.
    /// - Throws: ``ScriptFailure``; the script's own message is in the tests' output.
    @discardableResult
    package static func run(_ name: String, _ words: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["timeout", "--kill-after=10", "300", "\(PopugProcess.root ?? ".")/scripts/\(name)"] + words
        let output = Pipe()
        process.standardOutput = output
        try process.begin()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw ScriptFailure(script: name, words: words) }
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    package struct ScriptFailure: Error, CustomStringConvertible {
        package let script: String
        package let words: [String]
        package var description: String { "scripts/\(script) \(words.joined(separator: " ")) failed" }
    }
}
