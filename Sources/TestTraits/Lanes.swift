import Foundation
import Testing

/// What a suite needs beside a database. A suite with none of these tags is fast.
extension Tag {
    /// Runs simulations, for minutes.
    @Tag package static var simulator: Tag
    /// Starts the built program.
    @Tag package static var servers: Tag
    /// A gateway, and processes behind it.
    @Tag package static var gateway: Tag
    /// Brokers: one alone, and three.
    @Tag package static var rabbitmq: Tag
    /// Many processes of the built program, PostgreSQL and brokers.
    @Tag package static var cluster: Tag
}

/// Runs a suite only if one of its tags is chosen. `POPUG_TEST_LANES` names those that are, as in `servers,gateway`, or
/// `all`; without it only fast suites run. Nested suites and tests are as the suite around them.
package struct Lanes: SuiteTrait, TestTrait {
    /// Names something that is no lane: else a slip would look like a run in which all is well.
    package struct Unknown: Error, CustomStringConvertible {
        package let name: String

        package var description: String {
            "POPUG_TEST_LANES names \(name); there are \(Lanes.tags.map(\.key).joined(separator: ", ")) and all"
        }
    }

    /// The tags by the names that choose them.
    package static let tags: KeyValuePairs<String, Tag> = [
        "simulator": .simulator, "servers": .servers, "gateway": .gateway, "rabbitmq": .rabbitmq, "cluster": .cluster,
    ]

    package let isRecursive = true

    /// The names that would choose a suite with these tags; none if it is fast, or chosen already.
    package static func needed(by tags: Set<Tag>, chosen: String) throws -> [String] {
        let chosen = chosen.split(separator: ",").map(String.init)
        let known = Lanes.tags.map(\.key) + ["all"]
        if let name = chosen.first(where: { !known.contains($0) }) { throw Unknown(name: name) }
        let own = Lanes.tags.filter { tags.contains($0.value) }.map(\.key)
        return chosen.contains { $0 == "all" || own.contains($0) } ? [] : own
    }

    package func prepare(for test: Test) async throws {
        let chosen = ProcessInfo.processInfo.environment["POPUG_TEST_LANES"] ?? ""
        let needed = try Lanes.needed(by: test.tags, chosen: chosen)
        // What makes a test skipped is the library's own: only its conditions can say so.
        let condition = ConditionTrait.enabled(
            if: needed.isEmpty, "runs with POPUG_TEST_LANES=\(needed.joined(separator: ","))")
        try await condition.prepare(for: test)
    }
}

extension Trait where Self == Lanes {
    /// Runs it only if one of its tags is chosen.
    package static var ifChosen: Lanes { Lanes() }
}
