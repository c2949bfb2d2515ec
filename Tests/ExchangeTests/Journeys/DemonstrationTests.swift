import Composition
import Directory
import Foundation
import Storage
import TestKit
import Testing
import Values
import Web

/// The company that a newcomer looks at first: what its pages say, on all of them.
@Suite("The demonstration", .serialized)
struct DemonstrationTests {
    /// Made once for all tests: four days of work take seconds.
    static let company = Task { try await DemonstrationCompany() }

    @Test("Each step is a request of its own: what one set off is told apart from everything else")
    func traces() async throws {
        let events = try await Self.company.value.events()
        let traces = Dictionary(grouping: events, by: \.trace)
        #expect(traces["local"] == nil)
        for (trace, events) in traces {
            let done = events.filter { ["task-created", "task-completed", "person-registered"].contains($0.name) }
            #expect(done.count <= 1, "\(trace): \(done.count) things that somebody did")
        }
        let sealed = events.filter { $0.name == "day-sealed" }
        #expect(sealed.count > 2 && Set(sealed.map(\.trace)).count == sealed.count, "a trace for each day's close")
        // What follows from a task's creation is told under its trace.
        let created = try #require(events.first { $0.name == "task-created" })
        let names = Set(traces[created.trace, default: []].map(\.name))
        #expect(names.contains("employee-charged") && names.contains("task-priced"), "\(names)")
    }

    @Test("No page shows a date as programs write it, in either language", arguments: Language.allCases)
    func dates(_ language: Language) async throws {
        let company = try await Self.company.value
        let pages = try company.pages(language)
        #expect(pages.count > 100, "only \(pages.count) pages were found")
        for path in ["/account", "/money", "/close", "/analytics/people", "/payouts", "/letters", "/operations/events"]
        {
            #expect(pages[path] != nil, "\(path) was not found")
        }
        let wrong = pages.compactMap { path, page in
            DemonstrationTests.isoDate(in: page).map { "\(path): \($0)" }
        }
        #expect(wrong.isEmpty, "\(wrong.sorted().prefix(20).joined(separator: "\n"))")
    }

    @Test("The search for dates finds one, and leaves alone what is for machines")
    func checked() {
        #expect(Self.isoDate(in: "<a href=\"/x?day=2026-11-28\">← 2026-11-28</a>") != nil)
        for text in [
            "<time datetime=\"2026-11-28\">28 Nov</time>", "<pre>2026-11-28</pre>", "<code>2026-11-28</code>",
            "<input value=\"2026-11-28\">", "<dd class=\"mono\">day-close-2026-11-28</dd>",
        ] { #expect(Self.isoDate(in: text) == nil, "\(text)") }
    }

    /// A date of the form `2026-11-28` in what a reader sees, outside of what is a machine's: code, names of files, ids.
    static func isoDate(in page: String) -> String? {
        var text = page
        for pattern in [
            #"(?s)<(pre|code|script|style)\b.*?</\1>"#, #"(?s)<(\w+) class="[^"]*\bmono\b[^"]*"[^>]*>.*?</\1>"#,
            #"<[^>]*>"#,
        ] { text = text.replacingOccurrences(of: pattern, with: " ", options: .regularExpression) }
        guard let found = text.range(of: #"\d{4}-\d\d-\d\d"#, options: .regularExpression) else { return nil }
        return String(text[found.lowerBound...].prefix(40))
    }
}

/// A demonstration company in a folder of its own, to look at.
final class DemonstrationCompany: Sendable {
    private let folder: TemporaryFolder
    private let installation: Installation
    var exchange: Exchange { installation.exchange }

    init() async throws {
        folder = try TemporaryFolder()
        try await Demonstration.make(in: folder.path + "/data")
        installation = try Installation(try await Settings(folder: folder.path + "/data", flags: [:]))
    }

    deinit { installation.close() }

    /// What all services have told.
    func events() throws -> [(trace: String, name: String)] {
        try exchange.databases.values.flatMap { database in
            try database.read { transaction in
                try transaction.fetch("SELECT trace, name FROM journal").map {
                    (trace: try $0(0, as: String.self), name: try $0(1, as: String.self))
                }
            }
        }
    }

    /// Every page that a click leads to, from everybody's home page on: those of an admin, of who keeps the books and of
    /// an employee, by path.
    func pages(_ language: Language) throws -> [String: String] {
        var pages: [String: String] = [:]
        for name in ["Ada Admin", "Abe Accountant", "Emma Ekström"] {
            let person: ID? = try exchange.databases["identity"]?.read {
                try $0.value("SELECT id FROM directory_person WHERE name = \(name)")
            }
            // What the menu leads to comes first, and not the end of one long list.
            var waiting = ["/"][...]
            var seen: Set<String> = []
            while let target = waiting.popFirst(), seen.count < 400 {
                guard seen.insert(target).inserted else { continue }
                guard let page = page(target, as: try #require(person), language) else { continue }
                pages[target] = page
                waiting += DemonstrationCompany.links(in: page).filter { !seen.contains($0) }
            }
        }
        return pages
    }

    private func page(_ target: String, as person: ID, _ language: Language) -> String? {
        var headers = WebRequest.Headers()
        headers.cookie = "\(Preferences.languageCookie)=\(language.rawValue)"
        let answer = exchange.respond(
            to: WebRequest("GET", target, headers: headers, credential: .local(person)))
        guard answer.status == 200, answer.header("content-type")?.hasPrefix("text/html") == true else { return nil }
        return answer.text
    }

    /// Of each kind of page a few: `/tasks/ID` is there a hundred times. References for programs are left out, in which
    /// dates are examples of what to send.
    private static func links(in page: String) -> [String] {
        let parts = page.components(separatedBy: "href=\"").dropFirst()
        let all = parts.map { String($0.prefix { $0 != "\"" }).replacingOccurrences(of: "&amp;", with: "&") }
        let own = all.filter { link in
            link.hasPrefix("/")
                && !["/api", "/problems", "/assets", "/preferences"].contains { link.hasPrefix($0) }
        }
        var kinds: [String: Int] = [:]
        return own.map { $0.components(separatedBy: "#")[0] }.filter { link in
            let kind = link.replacingOccurrences(
                of: #"[0-9a-f]{8}-[0-9a-f-]{27}|\d+(-\d\d-\d\d)?|cursor=[^&]*"#, with: "*", options: .regularExpression)
            kinds[kind, default: 0] += 1
            return kinds[kind, default: 0] <= 3
        }
    }
}
