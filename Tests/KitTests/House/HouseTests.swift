import Composition
import Foundation
import TestKit
import Testing

/// The house's rules about what Kit and Services may not ask the system for, checked on the sources, and the check
/// itself checked on lines that break them.
@Suite("The house")
struct HouseTests {
    static let forbidden = [
        #"\bDate\(\)"#, #"\bUUID\(\)"#, #"\.random\("#, #"\bTask(\.detached)?\s*(\([^)]*\)\s*)?\{"#, #"\bTask\.sleep"#,
        #"ProcessInfo\b"#, #"\bgetenv\("#, #"\bFileManager\b"#, #"\bFileHandle\b"#, #"\bfopen\("#,
        #"\bSystemRandomNumberGenerator\b"#, #"\bDate\.now\b"#, #"\.shuffled\(\)"#, #"\.randomElement\(\)"#,
        #"\bContinuousClock\b"#, #"\bclock_gettime\("#, #"\bThread\.sleep"#,
    ]

    /// What waits for a while has to know how long it has waited, by a clock that nobody sets.
    static let waiting = ["Storage/Condition.swift", "Storage/Signal.swift"]

    static func findings(in text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            // A comment, and not an address in a text.
            let comment = line.range(of: #"(^|\s)//"#, options: .regularExpression)
            let code = comment.map { String(line[..<$0.lowerBound]) } ?? String(line)
            return forbidden.contains { code.range(of: $0, options: .regularExpression) != nil } ? String(line) : nil
        }
    }

    static func sources(below folder: String) throws -> [(path: String, text: String)] {
        try Repository.files(below: folder, ".swift").map {
            (String($0.dropFirst(folder.count + 1)), try Repository.text($0))
        }
    }

    @Test("Kit and Services take time, randomness, ids and files from nowhere but their environment")
    func nothingHidden() throws {
        for folder in ["Sources/Kit", "Sources/Services", "Sources/Contracts"] {
            let sources = try HouseTests.sources(below: folder)
            #expect(!sources.isEmpty)
            for (path, text) in sources where !HouseTests.waiting.contains(path) {
                #expect(HouseTests.findings(in: text).isEmpty, "\(folder)/\(path)")
            }
        }
    }

    @Test(
        "The check finds what it looks for",
        arguments: [
            "let now = Date()", "UUID().uuidString", "Int.random(in: 0..<2)", "Task { await x() }", "Task.detached { }",
            "try await Task.sleep(for: .seconds(1))", "ProcessInfo.processInfo.environment", "FileManager.default",
            "Date.now", "people.shuffled()", "people.randomElement()", "ContinuousClock.now", "Thread.sleep(1)",
            #"let it = "http://a" + UUID().uuidString"#,
        ])
    func finds(line: String) {
        #expect(HouseTests.findings(in: line).count == 1)
    }

    @Test(
        "The check lets pass what is allowed",
        arguments: [
            "// never Date() here", "struct TaskRow {", "let task = TaskModel(x)", "Date(timeIntervalSince1970: 5)",
        ])
    func passes(line: String) {
        #expect(HouseTests.findings(in: line).isEmpty)
    }

    /// What waits for a time of day waits for an hour where the clock is put back by one.
    @Test("Nothing waits for a time of day")
    func monotonic() throws {
        for (path, text) in try HouseTests.sources(below: "Sources") {
            for word in ["NSCondition()", "NSConditionLock", "sleep(until: Date", "wait(until: Date"] {
                #expect(!text.contains(word), "\(path): \(word)")
            }
        }
    }

    /// What goes by `Character`: it passes by a delimiter that has a mark on it, while whoever reads the bytes does not.
    /// `Values/Text/Scalars.swift` has the same by scalars.
    static let byCharacter = [
        #"\.split\((separator: "|whereSeparator:)"#, #"\.replacing\("([^"\\]|\\.)+", with:"#,
        #"components\(separatedBy:"#,
        #"\.contains\("([^"\\]|\\.)"\)"#, #"(first|last)Index\(of: ""#, #"\.prefix \{ \$0 != ""#,
        #"\.drop\(while: \{ \$0 == ""#,
        #"\.isNewline\b"#,
    ]

    /// Texts that we write ourselves, taken apart at the start.
    static let ourTexts = ["Storage/PostgreSQLSchema.swift", "Web/Documents/OpenAPI.swift"]

    static func goesByCharacter(_ line: String) -> Bool {
        let code = line.range(of: "// ").map { String(line[..<$0.lowerBound]) } ?? line
        return !code.contains(".utf8") && !code.contains("unicodeScalars") && !code.contains("scalars.")
            && byCharacter.contains { code.range(of: $0, options: .regularExpression) != nil }
    }

    @Test("What people typed is taken apart by scalars or bytes")
    func scalars() throws {
        for folder in ["Sources/Kit", "Sources/Services", "Sources/Contracts"] {
            for (path, text) in try HouseTests.sources(below: folder) where !HouseTests.ourTexts.contains(path) {
                for line in text.split(separator: "\n") where HouseTests.goesByCharacter(String(line)) {
                    Issue.record("\(folder)/\(path): \(line)")
                }
            }
        }
    }

    @Test(
        "The look for what goes by Character finds it, and nothing else",
        arguments: [
            (#"text.split(separator: "@")"#, true), (#"text.split(whereSeparator: \.isWhitespace)"#, true),
            (#"safe.replacing("\"", with: "\"\"")"#, true), (#"email.contains("@")"#, true),
            (#"x.components(separatedBy: "::")"#, true), (#"rest.firstIndex(of: ";")"#, true),
            (#"type.prefix { $0 != ";" }"#, true), (#"head.split { $0.isNewline }"#, true),
            (#"text.parts(at: "@")"#, false), (#"text.utf8.split(separator: UInt8(ascii: "-"))"#, false),
            (#"text.unicodeScalars.split(separator: "-")"#, false), (#"methods.contains("GET")"#, false),
            (#"text.replacing("-", by: "_")"#, false), (#"// never text.split(separator: "@")"#, false),
        ])
    func findsCharacters(line: String, found: Bool) {
        #expect(HouseTests.goesByCharacter(line) == found)
    }

    @Test("No service imports another service or a driver")
    func floors() throws {
        var services: Set<String> = []
        for (path, text) in try HouseTests.sources(below: "Sources/Services") {
            let service = try #require(path.split(separator: "/").first.map(String.init))
            services.insert(service)
            #expect(HouseTests.strangers(in: text).isEmpty, "\(path)")
        }
        #expect(services.count == Services.all.count)
    }

    /// All that a service may import: the kit that is apart from how it is hosted, the contracts, and libraries that
    /// ask the system for nothing.
    static let known: Set<String> = [
        "Contracts", "Crypto", "CryptoExtras", "Directory", "Dispatch", "Foundation", "Ledger", "Messaging", "Mustache",
        "OpenIDConnect", "Pictures", "Schemas", "ServiceKit", "Storage", "Synchronization", "Values", "Web", "WebAuthn",
    ]

    static func strangers(in text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            let rest = words.first?.hasPrefix("@") == true ? words.dropFirst() : words[...]
            guard !line.hasPrefix(" "), rest.first == "import", let module = rest.last else { return nil }
            return known.contains(String(module)) ? nil : String(module)
        }
    }

    @Test("The look for strangers finds other services, drivers and the host")
    func findsStrangers() {
        let text = """
            import Web
            @testable import Payouts
            import SQLiteDriver
            import Hosting
            // import nothing
                import INTEGER,

            """
        #expect(HouseTests.strangers(in: text) == ["Payouts", "SQLiteDriver", "Hosting"])
    }

    @Test("Files stay under 400 lines")
    func short() throws {
        for folder in ["Sources", "Tests"] {
            for (path, text) in try HouseTests.sources(below: folder) {
                #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 401, "\(folder)/\(path)")
            }
        }
    }
}
