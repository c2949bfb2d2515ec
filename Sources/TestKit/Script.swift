import Foundation

/// What lies in `scripts/` and starts the servers of tests and benchmarks.
package enum Script {
    /// Runs `scripts/NAME WORD…` to its end, which comes within five minutes; what it printed, without
    /// the line's end.
    /// - Throws: ``ScriptFailure``; what went wrong stands in the script's own words among the tests' output.
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
