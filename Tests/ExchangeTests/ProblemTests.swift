import Composition
import Foundation
import Hosting
import Operations
import ServiceKit
import TestKit
import Testing
import Values
import Web

/// A page that refuses something says what to do about it.
@Suite("Problems on pages")
struct ProblemTests {
    let test: TestExchange

    init() throws { test = try TestExchange() }

    @Test("Every problem of the catalogue is shown with what to do, in both languages", arguments: Language.allCases)
    func catalogue(_ language: Language) throws {
        let company = test.exchange.company
        let pages = try PageRenderer(
            sets: test.exchange.hosts.map(\.service.pages) + [Operations.pages], navigation: [], company: company)
        let problems = pages.problems(language)
        #expect(problems.count > 100)
        let context = PageContext(
            person: nil, language: language, csrf: "", once: "", path: "/", requestID: "r", at: test.clock.now)
        for (key, title, todo) in problems {
            // It stands in one line with what to do.
            #expect(!title.hasSuffix("."), "\(key)")
            guard !todo.isEmpty, !title.contains("…"), !todo.contains("…") else { continue }
            let problem = Problem.conflict(key)
            let page = String(decoding: try pages.error(problem, context: context), as: UTF8.self)
            #expect(page.contains(Markup.escape(title)) && page.contains(Markup.escape(todo)), "\(key)")
            #expect(pages.words(of: problem, language) == "\(title). \(todo)")
        }
    }

    @Test("Every refusal for the state of things says what to do; no page puts a problem's text together by itself")
    func sources() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let pages = try PageRenderer(
            sets: test.exchange.hosts.map(\.service.pages) + [Operations.pages], navigation: [],
            company: test.exchange.company)
        let files = FileManager.default.enumerator(atPath: root.path)?.allObjects as? [String] ?? []
        var found = 0
        for file in files where file.hasSuffix(".swift") {
            let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
            for match in text.matches(of: /\.conflict\(\s*"([a-z.-]+)"/) {
                found += 1
                #expect(pages.hasText("problem.\(match.1).todo"), "\(file): \(match.1)")
            }
            // Who puts a title on a page by hand puts what to do there, too.
            if text.contains("\"problem.\\("), !file.hasPrefix("Kit/Web/") {
                #expect(text.contains(".todo\""), "\(file)")
            }
        }
        #expect(found > 15)
    }

    @Test("New task and Reassign all, where nobody can be dealt tasks, say who can be and who can change it")
    func nobody() throws {
        for target in ["/tasks", "/reassign"] {
            let answer = form(target, "title=Feed+the+cat", as: test.admin)
            #expect(answer.status == 409, "\(target)")
            #expect(answer.text.contains("No one can be assigned tasks now"), "\(target)")
            #expect(answer.text.contains("An administrator can add people."), "\(target)")
        }
    }

    @Test("A task that is done already, or somebody else's by now, says what there is left to do")
    func tooLate() throws {
        let emma = try test.person("Emma Employee", "employee")
        let task = try test.task("Feed the cat", by: test.admin)
        #expect(form("/tasks/\(task)/complete", "", as: emma).status == 303)
        let again = form("/tasks/\(task)/complete", "", as: emma)
        #expect(again.status == 409 && again.text.contains("There is nothing left to do."))
        let other = form("/tasks/\(task)/complete", "", as: test.admin)
        #expect(other.status == 403 && other.text.contains("Only its assignee can complete a task."))
    }

    private func form(_ target: String, _ fields: String, as person: ID) -> WebResponse {
        let once = test.clock.environment.newID()
        let headers = WebRequest.Headers(contentType: "application/x-www-form-urlencoded")
        return test.exchange.respond(
            to: WebRequest(
                "POST", target, headers: headers, body: Array("once=\(once)&\(fields)".utf8),
                credential: .local(person)))
    }
}
