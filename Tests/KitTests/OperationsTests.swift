import Accounting
import Directory
import Foundation
import Hosting
import Identity
import Logging
import Messaging
import Operations
import SQLiteDriver
import ServiceKit
import Storage
import TestKit
import Testing
import Tracker
import Values
import Web

/// All three services on SQLite in memory, stepped by hand, with the operations pages beside them.
final class OperationsWorld {
    let clock = SteppedClock()
    let company = Company.test()
    let log: SQLiteEventLog
    let services: [any Service]
    let databases: [String: SQLiteDatabase]
    let entrance: Entrance
    private(set) var admin: Person
    private(set) var employee: Person
    private let relays: [Relay]
    private var subscriptions: [Subscription] = []
    let asker = AnsweringAsker()

    /// - Parameter broken: makes Accounting unable to take `task-created`.
    init(broken: Bool = false, backups: any BackupKeeper = NoBackups()) throws {
        let secret = [UInt8](repeating: 7, count: 32)
        let environment = clock.environment
        let identity = IdentityService(company: company, secret: secret, codes: .trial, settings: .quick)
        let services: [any Service] = [
            identity, TrackerService(codes: .trial, asker: asker),
            AccountingService(company: company, secret: secret, codes: .trial, environment: environment),
        ]
        let log = try SQLiteEventLog.memory(codes: .trial, now: clock.now)
        var databases: [String: SQLiteDatabase] = [:]
        for service in services {
            let database = try SQLiteDatabase.inline(name: service.name)
            try database.migrate(for: service, now: clock.now)
            try service.prepare(database, environment)
            databases[service.name] = database
        }
        let home = try #require(databases["identity"])
        (admin, employee) = try home.write { transaction in
            let act = CommandContext(transaction, environment: environment, trace: "set-up", by: nil)
            return (
                try identity.commands.create(name: "Anna Kask", email: "anna@example.com", roles: [Role.admin], act),
                try identity.commands.create(
                    name: "Pavel Ivanov", email: "pavel@example.com", roles: [Role.employee], act)
            )
        }
        let operations = Operations(services: services, asker: asker, backups: backups)
        let pages = try PageRenderer(
            sets: services.map(\.pages) + [Operations.pages],
            navigation: services.flatMap(\.navigation) + operations.navigation, company: company)
        let context = EndpointRunner.Context(
            environment: environment, company: company, pages: pages, secret: secret,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        var runners: [EndpointRunner] = []
        for service in services {
            guard let database = databases[service.name] else { continue }
            runners.append(
                EndpointRunner(
                    service: service.name,
                    endpoints: service.endpoints
                        + ServiceHost(service, database: database, log: log, environment: environment).answers,
                    database: database, context: context))
        }
        let beside = EndpointRunner(
            service: "operations", endpoints: operations.endpoints, database: home, context: context)
        entrance = try Entrance(beside, runners)
        asker.set(entrance)
        relays = services.compactMap { service in
            databases[service.name].map {
                Relay(journal: service.journal, database: $0, log: log, environment: environment, owner: .embedded)
            }
        }
        for service in services {
            guard let database = databases[service.name] else { continue }
            for topic in Set(service.reactions.map(\.topic)) {
                var reactions = service.reactions
                if broken, service.name == "accounting", topic.name == "tracker" {
                    reactions = [
                        Reaction(toMany: ["task-created.2"], of: topic) { _, _ in
                            throw UnreadableEvent(reason: "no <title>")
                        }
                    ]
                }
                subscriptions.append(
                    Subscription(
                        service: service.name, topic: topic, reactions: reactions, database: database, log: log,
                        environment: environment, owner: .embedded))
            }
        }
        (self.services, self.databases, self.log) = (services, databases, log)
        try settle()
    }

    /// Relays and subscriptions, until nothing moves.
    func settle() throws {
        for _ in 0..<20 {
            for relay in relays { while case .more = try relay.step() {} }
            for subscription in subscriptions { while case .more = try subscription.step() {} }
        }
    }

    func request(
        _ method: String, _ target: String, as person: Person? = nil, _ body: String = "", form: Bool = false,
        headers: WebRequest.Headers = .init()
    ) -> (status: Int, text: String, location: String) {
        var headers = headers
        if !body.isEmpty || method != "GET" {
            headers.contentType = form ? "application/x-www-form-urlencoded" : "application/json"
            headers.idempotencyKey = form ? nil : clock.environment.newID().description
        }
        let response = entrance.runNow(
            WebRequest(
                method, target, headers: headers, body: Array(body.utf8), id: clock.environment.newID().description,
                credential: .local((person ?? admin).id)))
        return (
            response.status, String(decoding: response.body, as: UTF8.self),
            response.headers.first { $0.name == "location" }?.value ?? ""
        )
    }

    func createTask(_ title: String) {
        _ = request("POST", "/api/tasks", "{\"title\":\"\(title)\"}")
    }
}

@Suite("Operations")
struct OperationsTests {
    @Test("The overview says what was written, what is on its way, and when everything has arrived")
    func overview() throws {
        let world = try OperationsWorld()
        #expect(world.request("GET", "/api/services").text.contains("\"lag\":0"))
        world.createTask("Feed the cat")
        let behind = world.request("GET", "/api/services").text
        #expect(behind.contains("\"lag\":1"))
        try world.settle()
        let arrived = world.request("GET", "/api/services").text
        #expect(!arrived.contains("\"lag\":1"))
        let page = world.request("GET", "/operations")
        #expect(page.status == 200 && page.text.contains("accounting"))
    }

    @Test("One event's page shows its way through the services, and what followed from the same request")
    func way() throws {
        let world = try OperationsWorld()
        world.createTask("Feed the <cat>")
        let list = world.request("GET", "/operations/events?service=tracker")
        #expect(list.text.contains("task-created") && list.text.contains("Feed the &lt;cat&gt;"))
        let fresh = world.request("GET", "/operations/events/tracker/1").text
        #expect(fresh.contains("Waits for its number"))
        try world.settle()
        let page = world.request("GET", "/operations/events/tracker/1").text
        #expect(page.contains("Applied by accounting") && page.contains("In the event log"))
        #expect(page.contains("employee-charged"))
        // Ids in its data are people by their names, and ways to what it is about.
        #expect(page.contains("<a href=\"/people/\(world.employee.id)\"><bdi>Pavel Ivanov</bdi></a>"))
        #expect(page.contains("<a href=\"/people/\(world.admin.id)\"><bdi>Anna Kask</bdi></a>"))
        #expect(page.contains("<a href=\"/tasks/") && page.contains("<bdi>Feed the &lt;cat&gt;</bdi>"))
        #expect(page.contains("As JSON") && page.contains("&quot;assignee&quot;: &quot;\(world.employee.id)&quot;"))
        #expect(world.request("GET", "/api/events/tracker/1").text.contains("\"state\":\"applied\""))
    }

    @Test("A cursor is not signed: whatever number stands in it, the list of events goes on or is empty")
    func foreignCursors() throws {
        let world = try OperationsWorld()
        for number in [Int64.min, -1, 0, .max] {
            let cursor = Cursor.encode([Value](repeating: .integer(number), count: 3))
            for narrow in ["", "&name=task-created", "&key=\(world.employee.id)"] {
                #expect(world.request("GET", "/api/events?cursor=\(cursor)\(narrow)").status == 200, "\(number)")
            }
        }
    }

    @Test("Events are listed newest first over all services, page by page, each once")
    func pages() throws {
        let world = try OperationsWorld()
        for number in 1...7 {
            world.createTask("Task number \(number)")
            world.clock.advance(seconds: 1)
            try world.settle()
        }
        struct Page: Decodable {
            struct Item: Decodable {
                let service: String
                let position: Int64
                let id: String
                let time: String
            }
            let items: [Item]
            let next: String?
        }
        var all: [Page.Item] = []
        var target = "/api/events?limit=5"
        while true {
            let page = try JSONDecoder().decode(Page.self, from: Data(world.request("GET", target).text.utf8))
            all += page.items
            guard let next = page.next else { break }
            target = "/api/events?limit=5&cursor=\(next)"
        }
        #expect(Set(all.map(\.id)).count == all.count)
        #expect(all.map(\.time) == all.map(\.time).sorted(by: >))
        var written: Int64 = 0
        for database in world.databases.values {
            written += try database.read { try $0.value("SELECT COUNT(*) FROM journal") ?? 0 }
        }
        #expect(Int64(all.count) == written)
        let named = world.request("GET", "/api/events?name=task-created&limit=200").text
        #expect(named.components(separatedBy: "\"name\":\"task-created\"").count == 8)
        let id = try #require(all.first)
        #expect(
            world.request("GET", "/operations/events/\(id.id)").location
                == "/operations/events/\(id.service)/\(id.position)")
    }

    @Test("X42: an admin sees a parked event, has it tried again, and discards it with a reason")
    func parked() throws {
        let world = try OperationsWorld(broken: true)
        world.createTask("Feed the cat")
        try world.settle()
        let list = world.request("GET", "/operations/parked").text
        #expect(list.contains("task-created") && list.contains("no &lt;title&gt;"))
        struct Page: Decodable {
            struct Item: Decodable { let event: String }
            let items: [Item]
        }
        let page = try JSONDecoder().decode(Page.self, from: Data(world.request("GET", "/api/parked").text.utf8))
        let event = try #require(page.items.first).event
        #expect(world.request("GET", "/operations/events/tracker/1").text.contains("Parked by accounting"))
        let path = "/parked/accounting/\(event)"
        #expect(world.request("GET", "/operations" + path).text.contains("Discard this event"))
        let count = { world.request("GET", "/operations/fragments/parked").text }
        #expect(count().contains("count trouble\">1<"))
        #expect(world.request("GET", "/tasks").text.contains("count trouble\">1<"), "on every page of an admin")
        let replayed = world.request("POST", "/operations\(path)/replay", "", form: true)
        #expect(replayed.status == 303 && replayed.location == "/operations/parked")
        #expect(world.request("POST", "/api\(path)/replay-requests").status == 202)
        let unreasoned = world.request("POST", "/operations\(path)/discard", "reason=+", form: true)
        #expect(unreasoned.status == 422 && unreasoned.text.contains("Say why"))
        #expect(world.request("PUT", "/api\(path)/discard", "{\"reason\":\"Not needed\"}").status == 204)
        #expect(world.request("GET", "/api" + path).text.contains("\"discarded_reason\":\"Not needed\""))
        #expect(!count().contains("trouble"))
        let discarded = world.request("GET", "/operations" + path).text
        #expect(discarded.contains("By</dt><dd><a href=\"/people/\(world.admin.id)\">"))
        #expect(world.request("POST", "/api\(path)/replay-requests").status == 409)
        // Both decisions are on the list of changes by hand; what was refused is not.
        let changes = world.request("GET", "/api/audit?area=operations").text
        #expect(changes.components(separatedBy: "\"kind\":\"parked-replayed\"").count == 3)
        #expect(changes.components(separatedBy: "\"kind\":\"parked-discarded\"").count == 2)
        #expect(changes.components(separatedBy: "\"by\":\"\(world.admin.id)\"").count == 4)
        #expect(changes.contains("\"reason\":\"Not needed\"") && changes.contains("\"subject\":\"tracker task-created"))
        let shown = world.request("GET", "/operations/audit?area=operations").text
        #expect(shown.contains("Parked event discarded") && shown.contains("Parked event tried again"))
    }

    @Test("X42: of a service that does not answer the pages say so; a program does not get a part for the whole")
    func away() throws {
        let world = try OperationsWorld(broken: true)
        world.createTask("Feed the cat")
        try world.settle()
        world.asker.set(world.entrance, away: ["tracker"])
        let overview = world.request("GET", "/operations")
        #expect(overview.status == 200 && overview.text.contains("Unreachable"))
        let events = world.request("GET", "/operations/events")
        #expect(events.status == 200 && events.text.contains("tracker: no answer right now"))
        #expect(events.text.contains("person-registered") && !events.text.contains("task-created</a>"))
        let refused = world.request("GET", "/api/events")
        #expect(refused.status == 503 && refused.text.contains("tracker"))
        #expect(world.request("GET", "/api/events?service=identity").status == 200)
        #expect(world.request("GET", "/operations/events/tracker/1").status == 503)
        let parked = world.request("GET", "/operations/parked")
        #expect(parked.text.contains("task-created") && parked.text.contains("tracker: no answer right now"))
        world.asker.set(world.entrance, away: ["accounting"])
        let fewer = world.request("GET", "/operations/parked")
        #expect(fewer.status == 200 && fewer.text.contains("accounting: no answer right now"))
        #expect(!fewer.text.contains("Nothing is parked"))
        #expect(world.request("GET", "/api/parked").status == 503)
        #expect(world.request("GET", "/operations/events/tracker/1").text.contains("accounting is unreachable now"))
    }

    @Test("A count is kept for as long as finding it out was dear, and until it is dropped")
    func kept() {
        let count = KeptCount()
        var (now, found): (Int64, Int) = (0, 0)
        func look(taking milliseconds: Int64 = 0) -> Int {
            count.value({ now }) {
                now += milliseconds
                found += 1
                return found
            }
        }
        #expect(look() == 1)
        #expect(look(taking: 100) == 2)
        #expect(look() == 2)
        now += 2000
        #expect(look(taking: 100) == 3)
        count.drop()
        #expect(look() == 4)
    }

    /// Backups as they are said to be.
    private struct Shelf: BackupKeeper {
        let kept = 7
        var hour: Int?
        var current: BackupProgress?
        var rows: [BackupRecord] = []

        mutating func put(hoursAgo hours: Int64, error: String? = nil) {
            let at = SteppedClock().now.adding(seconds: -hours * 3600)
            let record = BackupRecord(
                at: at, file: "popug.tar.gz", size: 1, seconds: 1, heldMilliseconds: 1, by: BackupRecord.schedule,
                error: error)
            rows.insert(record, at: 0)
        }

        func latest(_ limit: Int) throws -> [BackupRecord] { rows }
        func start(by name: String, trace: String) -> Bool { true }
        func stop() -> Bool { current != nil }
    }

    @Test("The navigation says that the last backup failed, or that the day's own is overdue; not where none is wanted")
    func backupTrouble() throws {
        func isTrouble(_ shelf: Shelf) throws -> Bool {
            let answer = try OperationsWorld(backups: shelf).request("GET", "/operations/fragments/backups")
            #expect(answer.status == 200)
            return answer.text.contains("count trouble")
        }
        var shelf = Shelf()
        #expect(try !isTrouble(shelf), "none yet")
        shelf.put(hoursAgo: 30)
        #expect(try !isTrouble(shelf), "none is made by itself")
        shelf.hour = 3
        #expect(try isTrouble(shelf), "overdue")
        shelf.put(hoursAgo: 2)
        #expect(try !isTrouble(shelf))
        shelf.put(hoursAgo: 1, error: "stopped")
        #expect(try !isTrouble(shelf), "somebody has stopped it")
        shelf.put(hoursAgo: 0, error: "no room")
        #expect(try isTrouble(shelf), "failed")
    }

    @Test("Stopping a backup is asked first")
    func stopping() throws {
        var shelf = Shelf()
        #expect(try OperationsWorld(backups: shelf).request("GET", "/backups/stop").status == 409)
        shelf.current = BackupProgress(since: SteppedClock().now, by: "Anna Kask")
        let world = try OperationsWorld(backups: shelf)
        #expect(world.request("GET", "/backups").text.contains("href=\"/backups/stop\" data-dialog"))
        let question = world.request("GET", "/backups/stop")
        #expect(question.status == 200 && question.text.contains("Nothing of it will be kept"))
        #expect(question.text.contains("action=\"/backups/stop\""))
        let stopped = world.request("POST", "/backups/stop", "", form: true)
        #expect(stopped.status == 303 && stopped.location == "/backups")
    }

    @Test("X7: operations are for admins")
    func rights() throws {
        let world = try OperationsWorld()
        let pages = ["/backups/stop", "/operations/fragments/parked", "/operations/fragments/backups"]
        for path in pages + ["/operations", "/operations/events", "/operations/parked", "/api/events", "/api/services"]
        {
            #expect(world.request("GET", path, as: world.employee).status == 403)
        }
    }
}
