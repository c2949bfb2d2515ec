import Directory
import Foundation
import TestKit
import TestTraits
import Testing
import Tracker
import Values
import Web

@Suite("Lists of tasks are in the order of what they show", .onEachDatabase)
struct TaskOrderTests {
    @Test("X17: what was completed last stands first in Recently done, however old the task")
    func recentlyDone() throws {
        let desk = try TrackerFixture()
        let polly = try desk.person("Polly")
        let tasks = try (0..<12).map { try desk.task("Task number \($0).", as: polly).id }
        // The oldest is the last to be done, and one of the youngest the first.
        let order = [10, 11, 3, 7, 1, 9, 5, 8, 2, 6, 4, 0]
        for number in order {
            desk.clock.advance(seconds: 60)
            #expect(desk.complete(tasks[number], as: polly) == 201)
        }
        let home = desk.ask("GET", "/", as: polly).text
        let done = try #require(home.components(separatedBy: "id=\"my-done\"").last)
        #expect(TaskOrderTests.numbers(in: done) == order.reversed().prefix(10).map { $0 })
        #expect(done.contains("/tasks?assignee=\(polly)&amp;status=done"))
    }

    @Test("X19: a file's own times of creation are shown with the task; the list shows those by which it is ordered")
    func created() throws {
        let desk = try TrackerFixture()
        let admin = try desk.person("Ada", [Role.admin])
        try desk.person("Polly")
        let lines = [
            "created_at,created_by,title", "2031-01-05T00:00:00Z,Polly,Task number 0.",
            "2020-01-05T00:00:00Z,Polly,Task number 1.",
        ]
        #expect(desk.importFile(lines.joined(separator: "\n"), as: admin).status == 201)
        try desk.work()
        let list = desk.ask("GET", "/tasks", as: admin).text
        #expect(TaskOrderTests.numbers(in: list) == [1, 0])
        #expect(!list.contains("2031") && !list.contains("2020"))
        let items = try #require(try desk.get("/api/tasks", as: admin)["items"] as? [[String: Any]])
        let last = try #require(items.first?["id"] as? String)
        #expect(desk.ask("GET", "/tasks/\(last)", as: admin).text.contains("2020"))
    }

    /// The numbers of the tasks that a page names, in its order.
    private static func numbers(in page: String) -> [Int] {
        page.components(separatedBy: "Task number ").dropFirst().compactMap { part in
            part.components(separatedBy: ".").first.flatMap { Int($0) }
        }
    }
}
