import TestKit
import TestTraits
import Testing

/// How suites are declared, checked on the sources, and the check itself on suites that are declared wrongly.
@Suite("Suites")
struct SuiteTests {
    /// The targets whose suites are not fast, and their lanes.
    static let lanes = [
        "ClusterTests": "cluster", "GatewayTests": "gateway", "RabbitMQTests": "rabbitmq", "ServerTests": "servers",
        "SimulationTests": "simulator",
    ]

    /// The outermost suites that a text declares, and what stands between `@Suite` and their types. `tagged` in
    /// scripts/test.sh finds them in the same way.
    static func suites(in text: String) -> [String: String] {
        let found = text.matches(of: /(?m)^@Suite\b([^{]*)\b(?:struct|class|actor|enum) (\w+)/)
        return Dictionary(found.map { (String($0.2), String($0.1)) }, uniquingKeysWith: { $1 })
    }

    /// The outermost types in which a text has tests; an empty name for tests outside all types.
    static func owners(in text: String) -> Set<String> {
        var owner = ""
        var owners: Set<String> = []
        for line in text.split(separator: "\n") {
            if let match = line.prefixMatch(of: /(?:[a-z@].* )?(?:struct|class|actor|enum|extension) (\w+)/) {
                owner = String(match.1)
            }
            if line.drop(while: { $0 == " " }).hasPrefix("@Test") { owners.insert(owner) }
        }
        return owners
    }

    /// What is wrong with the suites of a target.
    static func findings(in texts: [String], target: String) -> [String] {
        let suites = texts.reduce(into: [:]) { $0.merge(SuiteTests.suites(in: $1)) { $1 } }
        let owners = texts.reduce(into: Set()) { $0.formUnion(SuiteTests.owners(in: $1)) }
        var findings = owners.subtracting(suites.keys).map { "\($0): no @Suite" }
        for (type, traits) in suites {
            if traits.prefixMatch(of: /\(\s*"/) == nil { findings.append("\(type): no name in words") }
            let tags = Lanes.tags.map(\.key).filter { traits.contains(".tags(.\($0))") }
            if let lane = SuiteTests.lanes[target], tags != [lane] { findings.append("\(type): no .tags(.\(lane))") }
            if tags.isEmpty == traits.contains(".ifChosen") { findings.append("\(type): a tag or .ifChosen alone") }
        }
        return findings.sorted()
    }

    @Test("Every suite has a name, and its lane if it is not fast")
    func declared() throws {
        let sources = try HouseTests.sources(below: "Tests")
        let targets = Dictionary(grouping: sources) { String($0.path.prefix { $0 != "/" }) }
        #expect(targets.keys.filter { SuiteTests.lanes[$0] != nil }.count == SuiteTests.lanes.count)
        for (target, files) in targets {
            #expect(SuiteTests.findings(in: files.map(\.text), target: target).isEmpty, "\(target)")
        }
    }

    @Test(
        "The look at suites finds what is wrong, and nothing else",
        arguments: [
            (#"@Suite("A", .tags(.servers), .ifChosen) struct A { @Test func b() {} }"#, "ServerTests", []),
            (#"@Suite("A", .onEachDatabase) struct A { @Test func b() {} }"#, "KitTests", []),
            (#"@Suite("A", .tags(.cluster), .ifChosen) struct A { @Test func b() {} }"#, "KitTests", []),
            (#"@Suite("A") struct A {"#, "ServerTests", ["A: no .tags(.servers)"]),
            (#"@Suite("A", .tags(.cluster), .ifChosen) struct A {"#, "ServerTests", ["A: no .tags(.servers)"]),
            (#"@Suite("A", .tags(.servers)) struct A {"#, "ServerTests", ["A: a tag or .ifChosen alone"]),
            (#"@Suite("A", .tags(.servers)) struct A {"#, "KitTests", ["A: a tag or .ifChosen alone"]),
            (#"@Suite("A", .ifChosen) struct A {"#, "KitTests", ["A: a tag or .ifChosen alone"]),
            ("@Suite struct A {", "KitTests", ["A: no name in words"]),
            ("@Suite(.onEachDatabase) struct A {", "KitTests", ["A: no name in words"]),
            ("struct A {\n    @Test func b() {}", "KitTests", ["A: no @Suite"]),
            ("final class A {\n    @Test func b() {}", "KitTests", ["A: no @Suite"]),
            ("@Test func b() {}", "KitTests", [": no @Suite"]),
            ("struct A {\n    func b() {}", "KitTests", []),
        ] as [(String, String, [String])])
    func finds(text: String, target: String, findings: [String]) {
        // As the sources are laid out: the body of a type begins a new line.
        let text = text.replacing(" { @Test", with: " {\n    @Test")
        #expect(SuiteTests.findings(in: [text], target: target) == findings)
    }

    @Test("A suite may have its tests in other files, and its traits on several lines")
    func apart() {
        let suite = """
            /// A struct of many lines.
            @Suite(
                "A", .tags(.cluster), .ifChosen,
                .serialized)
            struct A {
            """
        let more = """
            extension A {
                @Test("b")
            """
        #expect(SuiteTests.findings(in: [more, suite], target: "ClusterTests").isEmpty)
        #expect(SuiteTests.findings(in: [more], target: "ClusterTests") == ["A: no @Suite"])
    }

    @Test("A suite runs if it is fast, or one of its tags is chosen; a lane that there is not is refused")
    func lanes() throws {
        #expect(try Lanes.needed(by: [], chosen: "").isEmpty)
        #expect(try Lanes.needed(by: [.servers], chosen: "") == ["servers"])
        #expect(try Lanes.needed(by: [.servers], chosen: "gateway,cluster") == ["servers"])
        #expect(try Lanes.needed(by: [.servers], chosen: "gateway,servers").isEmpty)
        #expect(try Lanes.needed(by: [.servers, .cluster], chosen: "") == ["servers", "cluster"])
        #expect(try Lanes.needed(by: [.servers, .cluster], chosen: "cluster").isEmpty)
        #expect(try Lanes.needed(by: [.simulator], chosen: "all").isEmpty)
        #expect(throws: Lanes.Unknown.self) { try Lanes.needed(by: [], chosen: "server") }
    }
}
