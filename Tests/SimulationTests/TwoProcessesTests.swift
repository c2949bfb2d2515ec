import TestKit
import TestTraits
import Testing

/// The order of sets and dictionaries changes from process to process: what lets it reach a statement, a draw or an
/// answer shows only there.
@Suite("The same seed in two processes", .tags(.simulator), .ifChosen, .enabled(if: PopugProcess.binary != nil))
struct TwoProcessesTests {
    private static func digests(_ arguments: [String]) async throws -> String {
        try await Task.detached {
            let run = try PopugProcess.run(["simulate", "--digest"] + arguments, of: "-dev")
            try #require(run.status == 0, "\(run.output)\(run.errors)")
            return run.output.split(separator: "\n").filter { $0.hasPrefix("seed ") }.joined(separator: "\n")
        }.value
    }

    @Test(
        "Two hundred seeds are the same runs in two processes, statement by statement, and some of them at length",
        arguments: [
            ["--seed", "1", "--seeds", "200", "--steps", "20"], ["--seed", "5", "--seeds", "8", "--steps", "300"],
        ])
    func same(arguments: [String]) async throws {
        async let first = Self.digests(arguments)
        async let second = Self.digests(arguments)
        let (one, other) = try await (first, second)
        #expect(!one.isEmpty && one == other)
    }
}
