import Directory
import Foundation
import TestKit
import Testing
import Values
import Web

/// Pages are put together from templates and texts when the server starts, and mistakes in them are found then.
@Suite("Pages from templates")
struct PageRendererTests {
    static let company = try! Company(
        installation: ID(milliseconds: 1, random: (1, 1)), name: "Popug & Sons", currency: "EUR",
        calendar: #require(BusinessCalendar(zone: "Europe/Tallinn", closingHour: 0)), publicAddress: "http://localhost")

    static func person(_ roles: Set<String>) -> Person {
        Person(
            id: ID(milliseconds: 2, random: (2, 2)), name: "Ann <b>", email: "ann@example.com", roles: roles,
            active: true)
    }

    static func context(
        _ person: Person? = nil, _ language: Language = .english, path: String = "/", said: Said? = nil
    ) -> PageContext {
        var context = PageContext(
            person: person, language: language, csrf: "csrf-1", once: "once-1", path: path, requestID: "request-1",
            at: Instant(seconds: 1))
        context.said = said
        return context
    }

    static func renderer(
        _ templates: [String: String], english: [String: String] = [:], russian: [String: String]? = nil,
        navigation: [NavigationItem] = []
    ) throws -> PageRenderer {
        let set = PageSet(templates: templates, texts: [.english: english, .russian: russian ?? english])
        return try PageRenderer(sets: [set], navigation: navigation, company: company)
    }

    static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test("Each language's page has that language's texts, escaped, with their places filled")
    func languages() throws {
        let renderer = try Self.renderer(
            ["t/hello": "<p title=\"[[t.hello]]\">{{name}}</p>"],
            english: ["t.hello": "Hello \"{{name}}\""], russian: ["t.hello": "Привет <{{name}}>"])
        let english = try renderer.fragment(template: "t/hello", model: ["name": "Ann"], context: Self.context())
        #expect(Self.text(english).contains("<p title=\"Hello &quot;Ann&quot;\">Ann</p>"))
        let russian = try renderer.fragment(
            template: "t/hello", model: ["name": "Ann"], context: Self.context(nil, .russian))
        #expect(Self.text(russian).contains("<p title=\"Привет &lt;Ann&gt;\">Ann</p>"))
    }

    @Test("A text that one language lacks keeps the server from starting, and is named")
    func languagesWithDifferentKeys() {
        let error = #expect(throws: PagesError.self) {
            try Self.renderer([:], english: ["t.a": "a", "t.b": "b"], russian: ["t.a": "a"])
        }
        #expect(error?.problems == ["text t.b is missing in ru"])
    }

    @Test("A template that names a text or a template that does not exist keeps the server from starting")
    func missingNames() {
        let error = #expect(throws: PagesError.self) { try Self.renderer(["t/a": "[[t.none]] {{> t/none}}"]) }
        #expect(error?.problems == ["template t/a: no template t/none", "template t/a: no text t.none"])
        #expect(throws: PagesError.self) { try Self.renderer(["t/a": "{{#open}}"]) }
        let item = NavigationItem(title: "t.none", path: "/", access: .staff, order: 100)
        #expect(throws: PagesError.self) { try Self.renderer([:], navigation: [item]) }
    }

    @Test("A value cannot break out of text or attribute, combining marks behind quotes included")
    func escaping() throws {
        let renderer = try Self.renderer(["t/a": "{{#rows}}<i title=\"{{x}}\">{{x}}</i>{{/rows}}"])
        let evil = "\"\u{301} onclick=\u{22}x\u{22} '\u{20DD}<\u{338}script>&"
        let page = Self.text(
            try renderer.fragment(
                template: "t/a", model: ["rows": [["x": .text(evil)]]], context: Self.context()))
        let escaped = "&quot;\u{301} onclick=&quot;x&quot; &#39;\u{20DD}&lt;\u{338}script&gt;&amp;"
        // Compared byte by byte: Swift takes a quote with a mark behind it for another character.
        #expect(Array(page.utf8) == Array("<i title=\"\(escaped)\">\(escaped)</i>".utf8))
    }

    @Test("An empty text and a missing value are false, and hide a value of the same name further out")
    func emptiness() throws {
        let renderer = try Self.renderer([
            "t/a": "{{#rows}}[{{#note}}{{note}}{{/note}}{{^note}}none{{/note}}]{{/rows}}"
        ])
        let page = Self.text(
            try renderer.fragment(
                template: "t/a",
                model: ["note": "outer", "rows": [["note": ""], ["note": nil], ["note": "inner"], [:]]],
                context: Self.context()))
        #expect(page.contains("[none][none][inner][outer]"))
    }

    @Test("X7: the navigation has what the person may open, in order, and marks the current page")
    func navigation() throws {
        let items = [
            NavigationItem(title: "t.people", path: "/people", access: .holding([Role.admin]), order: 300),
            NavigationItem(title: "t.tasks", path: "/tasks", access: .staff, order: 110),
            NavigationItem(title: "t.home", path: "/", access: .staff, order: 100),
        ]
        let renderer = try Self.renderer(
            ["t/a": "x"], english: ["t.people": "People", "t.tasks": "Tasks", "t.home": "Home"], navigation: items)
        let employee = Self.text(
            try renderer.page(
                template: "t/a", title: "t.tasks", model: [:],
                context: Self.context(Self.person([Role.employee]), path: "/tasks/17")))
        #expect(!employee.contains("/people"))
        #expect(employee.contains("<a href=\"/tasks\" aria-current=\"page\"><span>Tasks</span></a>"))
        #expect(employee.contains("<a href=\"/\"><span>Home</span></a>"))
        #expect(employee.contains("<title>Tasks · Popug &amp; Sons</title>"))
        #expect(employee.contains("Ann &lt;b&gt;"))
        #expect(employee.contains("name=\"csrf\" value=\"csrf-1\""))
        let admin = Self.text(
            try renderer.page(
                template: "t/a", title: "Plain", model: [:], context: Self.context(Self.person([Role.admin]))))
        #expect(admin.contains("/people"))
        let nobody = Self.text(
            try renderer.page(template: "t/a", title: "Plain", model: [:], context: Self.context()))
        #expect(!nobody.contains("/tasks") && !nobody.contains("/sign-out"))
    }

    @Test("Pages carry no inline script and no inline style")
    func strictPolicy() throws {
        let renderer = try Self.renderer(["t/a": "x"])
        for person in [nil, Self.person([Role.admin])] {
            let page = Self.text(
                try renderer.page(template: "t/a", title: "t", model: [:], context: Self.context(person)))
            #expect(!page.contains(" style=") && !page.contains("<style") && !page.contains(" onclick"))
            #expect(page.components(separatedBy: "<script").count == 4 && page.contains("<script src=\"/assets/"))
        }
    }

    @Test("The script for passkeys is loaded by pages with such a form, in them or in what they include")
    func passkeyScript() throws {
        let renderer = try Self.renderer([
            "t/plain": "x", "t/form": #"<form data-passkey="get"></form>"#, "t/with": "{{> t/form}}",
            "t/further": "{{> t/with}}",
        ])
        for (template, loads) in ["t/plain": false, "t/form": true, "t/with": true, "t/further": true] {
            let page = Self.text(
                try renderer.page(template: template, title: "t", model: [:], context: Self.context()))
            #expect(page.contains("<script src=\"/assets/passkeys.js?v=") == loads, "\(template)")
        }
    }

    @Test("An error page says what is wrong, what to do, and the request's id")
    func errors() throws {
        let renderer = try Self.renderer([:])
        let page = Self.text(try renderer.error(.forbidden, context: Self.context(Self.person([Role.employee]))))
        #expect(page.contains("403") && page.contains("You do not have access to this") && page.contains("request-1"))
        #expect(page.contains("An administrator can change your roles."))
    }

    @Test("Wherever a template names a problem, what to do stands behind it, and a day is written as people write it")
    func problems() throws {
        let texts = [
            "problem.t.stuck": "It is stuck on {{day}}", "problem.t.stuck.todo": "Pull until {{day}}.",
            "problem.t.plain": "It is plain",
        ]
        let set = PageSet(
            templates: ["t/a": "[[problem.t.stuck]]|[[problem.t.plain]]|[[problem.t.stuck.todo]]"],
            texts: [.english: texts, .russian: texts])
        let renderer = try PageRenderer(sets: [set], navigation: [], company: Self.company)
        let page = Self.text(
            try renderer.fragment(template: "t/a", model: ["day": "Monday"], context: Self.context()))
        #expect(page.contains("It is stuck on Monday. Pull until Monday.|It is plain|Pull until Monday."))
        let problem = Problem.conflict("t.stuck", values: ["day": "2026-11-28"])
        #expect(renderer.words(of: problem, .english) == "It is stuck on 28 Nov 2026. Pull until 28 Nov 2026.")
        let refused = Self.text(try renderer.error(problem, context: Self.context()))
        #expect(refused.contains("It is stuck on 28 Nov 2026") && refused.contains("Pull until 28 Nov 2026."))
        #expect(renderer.words(of: .conflict("t.plain"), .english) == "It is plain")
    }
}

@Suite("Preferences")
struct PreferencesTests {
    @Test("The language is the cookie's, else the browser's favourite that we have, else English")
    func language() {
        #expect(Preferences.language(cookie: "ru", acceptLanguage: "en") == .russian)
        #expect(Preferences.language(cookie: "xx", acceptLanguage: "de, ru-RU;q=0.8, en;q=0.5") == .russian)
        #expect(Preferences.language(cookie: nil, acceptLanguage: "de") == .english)
        #expect(Preferences.language(cookie: nil, acceptLanguage: nil) == .english)
    }

    @Test(
        "A link leads back to a page of ours and nowhere else",
        arguments: [
            "//evil.example", "/\\evil.example", "https://evil.example", "evil", "/a\r\nSet-Cookie: x=y", "",
        ])
    func elsewhere(_ path: String) {
        #expect(Preferences.localPath(path) == "/")
    }

    @Test("A path of ours is kept") func back() {
        #expect(Preferences.localPath("/tasks?status=open") == "/tasks?status=open")
    }
}

@Suite("Charts")
struct ChartTests {
    static let format = Format(language: .english, company: PageRendererTests.company)

    @Test("A chart has a bar and a title for each value, a zero line, and escapes its words")
    func bars() {
        let bars = [1200, -350, 0].map { Chart.Bar(label: "<d>", value: Cents($0 * 100), title: "\"\($0)\"") }
        guard case .text(let svg) = Chart.bars(bars, title: "Income & more", summary: "Three days", format: Self.format)
        else {
            Issue.record("no chart")
            return
        }
        #expect(svg.components(separatedBy: "<rect").count == 4)
        #expect(svg.components(separatedBy: "bar negative").count == 2)
        #expect(svg.components(separatedBy: "class=\"axis\"").count == 2)
        #expect(svg.contains("<title>Income &amp; more</title>") && svg.contains("&quot;1200&quot;"))
        #expect(!svg.contains("<d>") && !svg.contains("style="))
    }

    @Test("The largest and smallest sums there can be do not trap")
    func extremes() {
        let bars = [Int64.max, Int64.min, 0, 1].map { Chart.Bar(label: "x", value: Cents($0), title: "x") }
        guard case .text = Chart.bars(bars, title: "t", summary: "s", format: Self.format) else {
            Issue.record("no chart")
            return
        }
    }

    @Test("Without bars there is no chart") func none() {
        guard case .none = Chart.bars([], title: "t", summary: "s", format: Self.format) else {
            Issue.record("a chart of nothing")
            return
        }
    }
}
