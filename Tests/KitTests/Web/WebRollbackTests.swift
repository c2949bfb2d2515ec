import Directory
import Foundation
import Hosting
import Logging
import Messaging
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("X40: what was refused was not done", .onEachDatabase)
struct WebRollbackTests {
    private let database: any Database
    private let entrance: Entrance
    private let ada: Person

    init() throws {
        let clock = SteppedClock()
        let database = try TestDatabase.fresh("toy")
        self.database = database
        try database.migrate(
            [Migration(1, "toy", ["CREATE TABLE note (text TEXT PRIMARY KEY) STRICT"])],
            kit: KitSchema.migrations(Journal(topic: Trial.topic)), now: clock.now)
        let ada = Person(
            id: clock.environment.newID(), name: "Ada", email: "ada@popug.test", roles: [Role.employee], active: true)
        self.ada = ada
        try database.write { try Directory.put(ada, in: $0) }
        let company = Company.test()
        let pages = try PageRenderer(sets: [WebToy.pages], navigation: [], company: company)
        entrance = try Entrance(
            EndpointRunner(
                service: "toy", endpoints: WebRollbackTests.endpoints, database: database,
                context: .init(
                    environment: clock.environment, company: company, pages: pages,
                    secret: [UInt8](repeating: 7, count: 32),
                    log: Logger(label: "toy", factory: { _ in SwiftLogNoOpLogHandler() }))))
    }

    private static func write(_ call: Call, _ transaction: any Transaction) throws {
        try transaction.send("INSERT INTO note (text) VALUES (\(call.field("text")))")
    }

    private static func page(_ words: String, status: Int = 200) -> Answer {
        .page("toy/page", title: "toy.title", ["name": .text(words)], status: status)
    }

    private static var endpoints: [Endpoint] {
        let again: Endpoint.Again = { call, problem, transaction in
            guard problem.status != 409 else { return nil }
            let count: Int? = try transaction.value("SELECT COUNT(*) FROM note")
            return page("again: \(call.field("text")), \(problem.key), \(count ?? -1) notes")
        }
        func thrown(_ path: String, _ problem: Problem) -> Endpoint {
            .form(path, "Writes and throws", access: .staff, again: again) { call, transaction in
                try write(call, transaction)
                throw problem
            }
        }
        var before = Endpoint.form("/before", "Throws before", access: .staff, again: again) { call, transaction in
            try write(call, transaction)
            return page("done")
        }
        before.before = { _ in throw Problem.invalid("text", "web.value") }
        return [
            thrown("/thrown", .invalid("text", "web.value")), thrown("/conflict", .conflict("web.value")),
            thrown("/slow-down", Problem(429, "web.value", retryAfter: 7)), before,
            .form("/caught", "Writes, catches and answers", access: .staff) { call, transaction in
                do {
                    try write(call, transaction)
                    throw Problem.invalid("text", "web.value")
                } catch is Problem {
                    return page("caught", status: 422)
                }
            },
            .form("/done", "Writes", access: .staff, again: again) { call, transaction in
                try write(call, transaction)
                return page("done")
            },
            .command(.post, "/api/refused", "Writes and answers", access: .staff) { _, transaction in
                try transaction.send("INSERT INTO note (text) VALUES ('api')")
                return Answer(status: 409)
            },
        ]
    }

    private func send(_ path: String, once: String = "1") -> WebResponse {
        var request = WebRequest(
            "POST", path, headers: .init(contentType: "application/x-www-form-urlencoded"),
            body: Array("once=\(once)&text=typed".utf8), credential: .local(ada.id))
        request.headers.idempotencyKey = once
        if path.begins(with: "/api/") { request.body = [] }
        return entrance.runNow(request)
    }

    private func count(_ table: String) throws -> Int {
        try database.read { try $0.value(SQL(text: "SELECT COUNT(*) FROM \(table)", values: [])) ?? -1 }
    }

    @Test("A form that writes and throws leaves nothing, and is shown again from what is there")
    func thrown() throws {
        let answer = send("/thrown")
        #expect(answer.status == 422)
        #expect(answer.text.contains("again: typed, web.value, 0 notes"))
        #expect(try count("note") == 0 && count("idempotency") == 0)
        let slow = send("/slow-down")
        #expect(slow.status == 429 && slow.header("retry-after") == "7")
        #expect(try count("note") == 0)
    }

    @Test("Where a form has nothing to show it in, the problem has a page of its own")
    func ownPage() throws {
        let answer = send("/conflict")
        #expect(answer.status == 409 && !answer.text.contains("again:"))
        #expect(try count("note") == 0)
    }

    @Test("What is thrown before the transaction is shown as what is thrown in it")
    func before() throws {
        #expect(send("/before").text.contains("again: typed, web.value, 0 notes"))
    }

    @Test(
        "An answer that says no leaves nothing either, whoever has caught what", arguments: ["/caught", "/api/refused"])
    func caught(path: String) throws {
        let answer = send(path)
        #expect(answer.status >= 400)
        if path == "/caught" { #expect(answer.text.contains("caught")) }
        #expect(try count("note") == 0 && count("idempotency") == 0)
    }

    @Test("What was refused may be tried again under the same key, and what was done is done once")
    func again() throws {
        #expect(send("/thrown", once: "k").status == 422)
        #expect(send("/done", once: "k").status == 200)
        #expect(send("/done", once: "k").status == 200)
        #expect(try count("note") == 1 && count("idempotency") == 1)
    }
}
