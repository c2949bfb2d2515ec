import Directory
import Foundation
import Hosting
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Tracker
import Values
import Web

@Suite("Reassigning", .onEachDatabase)
struct ReassignTests {
    private func desk(people: Int, tasks: Int) throws -> (TrackerFixture, ID) {
        let desk = try TrackerFixture(seed: 7)
        for index in 0..<people { try desk.person("p\(index)") }
        let manager = try desk.person("M", [Role.manager])
        for index in 0..<tasks { _ = try desk.task("t\(index)", as: manager) }
        return (desk, manager)
    }

    @Test("X14, X15: open tasks are dealt again, done ones not; who keeps a task gets no event")
    func dealt() throws {
        let (desk, manager) = try desk(people: 4, tasks: 200)
        let task = try desk.task("done", as: manager)
        #expect(desk.complete(task.id, as: task.assignee) == 201)
        #expect(desk.ask("POST", "/api/reassignments", as: manager).status == 201)
        try desk.work()
        let moved = try desk.count("SELECT moved FROM reassignment")
        #expect((100..<200).contains(moved))
        #expect(try desk.count("SELECT dealt FROM reassignment") == 200)
        #expect(try desk.count("SELECT total FROM reassignment") == 200)
        #expect(try desk.count("SELECT COUNT(*) FROM journal WHERE name = 'task-reassigned'") == moved)
        #expect(try desk.count("SELECT COUNT(*) FROM task WHERE revision > 1 AND status = 0") == moved)
        #expect(try desk.findings() == [])
    }

    @Test("X14: presses queue; a crash between slices goes on where it was; later tasks are not touched")
    func queue() throws {
        let (desk, manager) = try desk(people: 3, tasks: 1)
        let now = desk.clock.environment
        let text = "created_at,created_by,title\n" + (0..<2500).map { "2026-01-01T00:00:00Z,p0,t\($0)\n" }.joined()
        let admin = try desk.person("A", [Role.admin])
        #expect(desk.importFile(text, as: admin).status == 201)
        try desk.work()
        for _ in 0..<3 { #expect(desk.ask("POST", "/api/reassignments", as: manager).status == 201) }
        let late = try desk.task("late", as: manager)
        // Begin and one slice, then another process takes over.
        for _ in 0..<2 { _ = try desk.service.jobs[0].step(desk.database, now) }
        #expect(try desk.count("SELECT dealt FROM reassignment WHERE state = 1") == 1000)
        let restarted = try TrackerFixture(seed: 9, database: desk.database)
        try restarted.work()
        #expect(try desk.count("SELECT COUNT(*) FROM reassignment WHERE state = 2 AND dealt = 2501") == 3)
        #expect(try desk.get("/api/tasks/\(late.id)", as: manager)["revision"] as? Int == 1)
        #expect(try desk.findings() == [])
    }

    @Test("X14: nobody eligible at the press is refused; nobody left while it runs ends it")
    func nobody() throws {
        let (desk, manager) = try desk(people: 1, tasks: 3)
        #expect(desk.ask("POST", "/api/reassignments", as: manager).status == 201)
        try desk.person("p0", active: false)
        try desk.work()
        #expect(try desk.count("SELECT state FROM reassignment") == 3)
        #expect(desk.ask("POST", "/api/reassignments", as: manager).status == 409)
        #expect(try desk.findings() == [])
    }

    @Test("X14: before the press its page tells what it will do; after it, that it has begun")
    func asked() throws {
        let (desk, manager) = try desk(people: 2, tasks: 3)
        let before = desk.ask("GET", "/reassign/confirm", as: manager)
        #expect(before.status == 200)
        #expect(before.text.contains("<dt>Open tasks</dt><dd>3</dd>"))
        #expect(before.text.contains("<dt>People who can be assigned tasks</dt><dd>2</dd>"))
        #expect(!before.text.contains("Last time"))
        let pressed = try desk.submit("/reassign", as: manager)
        #expect(pressed.text.contains("You started a reassignment. Open tasks: <bdi>3</bdi>."))
        #expect(desk.ask("GET", "/reassign/confirm", as: manager).text.contains("A reassignment is under way."))
        try desk.work()
        let moved = try desk.count("SELECT moved FROM reassignment")
        let after = desk.ask("GET", "/reassign/confirm", as: manager).text
        #expect(after.contains(", M. Went to somebody else: \(moved) of 3"))
        #expect(!after.contains("A reassignment is under way."))
        for index in 0..<2 { try desk.person("p\(index)", active: false) }
        #expect(desk.ask("GET", "/reassign/confirm", as: manager).status == 409)
        #expect(!desk.ask("GET", "/reassign", as: manager).text.contains("/reassign/confirm"))
    }

    @Test("X14: only managers and admins press")
    func rights() throws {
        let (desk, _) = try desk(people: 1, tasks: 0)
        #expect(desk.ask("POST", "/api/reassignments", as: TrackerFixture.person(named: "p0")).status == 403)
    }

    @Test("X16: completed or dealt away, never both: the former assignee comes too late, or was in time")
    func race() throws {
        let (desk, manager) = try desk(people: 5, tasks: 40)
        _ = desk.ask("POST", "/api/reassignments", as: manager)
        let before = try desk.get("/api/tasks?limit=200", as: manager)["items"] as? [[String: Any]] ?? []
        for task in before.prefix(20) {
            guard let id = task["id"] as? String, let holder = (task["assignee"] as? String).flatMap({ ID($0) })
            else { continue }
            #expect(desk.complete(id, as: holder) == 201)
        }
        try desk.work()
        for task in before.dropFirst(20) {
            guard let id = task["id"] as? String, let holder = (task["assignee"] as? String).flatMap({ ID($0) })
            else { continue }
            let now = try desk.get("/api/tasks/\(id)", as: manager)["assignee"] as? String
            #expect(desk.complete(id, as: holder) == (now == "\(holder)" ? 201 : 409))
        }
        #expect(try desk.findings() == [])
    }
}
