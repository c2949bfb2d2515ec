import ArgumentParser
import Foundation

/// Runs that once found something, in a text file. Each line has the options of `popug-dev simulate` and, after a `#`, what
/// was found. The command adds to the file (`--keep`), and the tests run all of it.
package enum KnownSeeds {
    package struct Known: Sendable, CustomStringConvertible {
        package let plan: RunPlan
        /// The finding in a few words.
        package let what: String
        package var description: String { "\(plan.options): \(what)" }
    }

    /// - Throws: if the file cannot be read, or a line is not understood.
    package static func read(_ path: String) throws -> [Known] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").compactMap { line in
            let parts = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
            guard !parts[0].allSatisfy(\.isWhitespace) else { return nil }
            return Known(
                plan: try plan(of: String(parts[0])),
                what: parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
        }
    }

    /// The run that these options name.
    /// - Throws: if they are not understood.
    package static func plan(of options: String) throws -> RunPlan {
        let verb = try SimulateVerb.parse(options.split(separator: " ").map(String.init))
        guard let seed = verb.seed else { throw Finding("no --seed in: \(options)") }
        return try verb.plan(seed)
    }

    /// - Throws: if the file cannot be written.
    package static func add(_ result: RunResult, to path: String) throws {
        let what = (result.finding ?? "").replacing("\n", with: " ").prefix(160)
        let former = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        let start = former.isEmpty || former.hasSuffix("\n") ? former : former + "\n"
        try (start + "\(result.plan.options)  # \(what)\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
}
