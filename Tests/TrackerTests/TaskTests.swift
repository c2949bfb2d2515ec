import Directory
import Foundation
import Hosting
import SQLiteDriver
import Storage
import TestKit
import TestTraits
import Testing
import Tracker
import Values
import Web

@Suite("Tasks", .onEachDatabase)
struct TaskTests {
    @Test("X12: nobody eligible is a clear error, and there is no task")
    func nobody() throws {
        let desk = try TrackerFixture()
        let manager = try desk.person("Boss", [Role.manager])
        #expect(try desk.create("Feed the cat", as: manager).status == 409)
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 0)
        #expect(try desk.count("SELECT COUNT(*) FROM journal") == 0)
    }

    @Test("X4: managers, admins and the inactive are never dealt a task; accountants and bosses are")
    func eligible() throws {
        let desk = try TrackerFixture()
        try desk.person("m", [Role.manager, Role.employee])
        try desk.person("a", [Role.admin])
        try desk.person("gone", active: false)
        let accountant = try desk.person("acc", [Role.accountant])
        let boss = try desk.person("boss", [Role.boss])
        let changed = try desk.person("changed")
        try desk.person("changed", [Role.manager])
        let dealt = try Set((0..<60).map { try desk.task("t\($0)", as: changed).assignee })
        #expect(dealt == [accountant, boss])
        #expect(try desk.findings() == [])
    }

    @Test("X12: the draw is uniform: chi-square over 10 people stays below its 99.9 % bound")
    func uniform() throws {
        let desk = try TrackerFixture(seed: 42)
        for index in 0..<12 { try desk.person("p\(index)") }
        // Leaving moves the last one into the gap; the draw must stay fair.
        try desk.person("p3", active: false)
        try desk.person("p0", [Role.manager])
        let draws = 10_000
        let clock = desk.clock
        let people: [ID] = try desk.database.write { try Eligible.draw(draws, clock.environment, in: $0) ?? [] }
        let counts = Dictionary(grouping: people, by: { $0 }).mapValues { Double($0.count) }
        #expect(counts.count == 10)
        let expected = Double(draws) / 10
        #expect(counts.values.map { ($0 - expected) * ($0 - expected) / expected }.reduce(0, +) < 27.88)
    }

    @Test("X16: only the assignee completes, once; done and foreign tasks are told apart")
    func completion() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let manager = try desk.person("M", [Role.manager])
        let task = try desk.task("POP-1: Feed", as: manager)
        #expect(desk.complete(task.id, as: manager) == 403)
        #expect(desk.complete(task.id, as: polly) == 201)
        #expect(desk.complete(task.id, as: polly) == 409)
        #expect(desk.complete("00000000-0000-7000-8000-000000000000", as: polly) == 404)
        let seen = try desk.get("/api/tasks/\(task.id)", as: manager)
        #expect(seen["status"] as? String == "done")
        #expect(try desk.count("SELECT COUNT(*) FROM journal WHERE name = 'task-completed'") == 1)
        #expect(try desk.findings() == [])
    }

    @Test("X16: the same request twice completes once, and is answered alike")
    func replay() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let task = try desk.task("Feed", as: polly)
        let first = desk.ask("POST", "/api/tasks/\(task.id)/completion", as: polly, key: "k")
        let second = desk.ask("POST", "/api/tasks/\(task.id)/completion", as: polly, key: "k")
        #expect(first.status == 201 && second.status == 201 && first.body == second.body)
    }

    @Test("X18: every change is in the history")
    func history() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let task = try desk.task("Feed", as: polly)
        _ = desk.complete(task.id, as: polly)
        let answer = desk.ask("GET", "/api/tasks/\(task.id)/history", as: polly)
        let changes = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]]
        #expect(changes?.compactMap { $0["kind"] as? String } == ["created", "completed"])
    }

    @Test(
        "X17: search finds words, beginnings of words and ticket ids, with filters and pages; hostile text finds nothing"
    )
    func search() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        for index in 1...30 { _ = try desk.task("POP-\(index): Feed the cat number \(index)", as: polly) }
        let odd = try desk.task("Погладить Кота", as: polly)
        _ = desk.complete(odd.id, as: polly)
        func found(_ query: String) throws -> [String] {
            let answer = try desk.get("/api/tasks?" + query, as: polly)
            return (answer["items"] as? [[String: Any]] ?? []).compactMap { $0["title"] as? String }
        }
        #expect(try found("q=cat&limit=200").count == 30)
        #expect(try found("q=numb&limit=5").first == "Feed the cat number 30")
        #expect(try found("q=POP-3") == ["Feed the cat number 3"])
        #expect(try found("q=pop-3") == ["Feed the cat number 3"])
        #expect(try found("q=%D0%BA%D0%BE%D1%82%D0%B0") == ["Погладить Кота"])
        #expect(try found("q=cat&status=done").isEmpty)
        #expect(try found("status=done").count == 1)
        #expect(try found("assignee=\(polly)&limit=200").count == 31)
        for hostile in ["%22", "a%22%20OR%20%22", "*", "NEAR(", "title:", "-", "%27%3B--", "%5E"] {
            #expect(desk.ask("GET", "/api/tasks?q=" + hostile, as: polly).status == 200)
        }
        let first = try desk.get("/api/tasks?q=cat&limit=20", as: polly)
        let next = try #require(first["next"] as? String)
        #expect(try found("q=cat&limit=20&cursor=\(next)").count == 10)
        #expect(desk.ask("GET", "/api/tasks?cursor=nonsense", as: polly).status == 422)
    }

    @Test("X11, X13: hostile titles are refused at the field, and nothing is left behind")
    func hostile() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        for title in ["", "a [b]", "a\u{202E}b", "a\nb", String(repeating: "x", count: 201)] {
            #expect(try desk.create(title, as: polly).status == 422)
        }
        #expect(try desk.count("SELECT COUNT(*) FROM task") == 0)
        for title in ["<b>x</b>", "'); DROP TABLE task;--", "🦜"] {
            #expect(try desk.create(title, as: polly).status == 201)
        }
        let page = desk.ask("GET", "/tasks", as: polly)
        #expect(page.status == 200)
        #expect(!page.text.contains("<b>x</b>"))
    }

    @Test("X10, X16: what a form has done is said of the task itself; the menu has how many one has to do")
    func said() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let manager = try desk.person("M", [Role.manager])
        let made = try desk.submit("/tasks", "title=Feed+%3Ccat%3E", as: manager)
        #expect(made.text.contains("<bdi>Feed &lt;cat&gt;</bdi> went to <bdi>Polly</bdi>."))
        #expect(!made.text.contains("class=\"count\""))
        let items = try #require(try desk.get("/api/tasks", as: polly)["items"] as? [[String: Any]])
        let task = try #require(items.first?["id"] as? String)
        let waiting = "<span class=\"count\">1<span class=\"visually-hidden\"> open</span></span>"
        #expect(desk.ask("GET", "/tasks", as: polly).text.contains(waiting))
        for (back, place) in [("", "my-open"), ("list", "task-list"), ("task", "task-history")] {
            let id = back.isEmpty ? task : try desk.task("Feed <cat>", as: manager).id
            let page = try desk.submit("/tasks/\(id)/complete", "back=\(back)", as: polly)
            #expect(page.status == 200 && page.text.contains("id=\"\(place)\""))
            #expect(page.text.contains("<bdi>Feed &lt;cat&gt;</bdi> is done."))
        }
        #expect(!desk.ask("GET", "/tasks", as: polly).text.contains(waiting))
    }

    @Test("X17: every page opens")
    func pages() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let admin = try desk.person("Ada", [Role.admin])
        let task = try desk.task("POP-7: Feed the cat", as: polly)
        for path in ["/", "/tasks", "/tasks?q=cat&status=open&assignee=Pol", "/tasks/\(task.id)", "/tasks/new"] {
            let page = desk.ask("GET", path, as: polly)
            #expect(page.status == 200, "\(path)")
        }
        #expect(desk.ask("GET", "/", as: polly).text.contains("Feed the cat"))
        for path in ["/reassign", "/reassign/confirm", "/import"] {
            #expect(desk.ask("GET", path, as: polly).status == 403)
            #expect(desk.ask("GET", path, as: admin).status == 200)
        }
    }
}
