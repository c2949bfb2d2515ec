import Composition
import Foundation
import Gateway
import HTTPDriver
import Hosting
import TestKit
import TestTraits
import Testing
import Values
import Web

/// The real services, each in a process of its own, and a browser's requests.
@Suite("The gateway: pages of several processes", .tags(.gateway), .ifChosen)
struct PageTests {
    private struct Company {
        let test: TestExchange
        let processes: [String: Running]
        let stand: GatewayFixture

        init() async throws {
            let test = try TestExchange()
            self.test = test
            var processes: [String: Running] = [:]
            for name in Services.names {
                // The documents and the operations pages stand beside Identity.
                processes[name] =
                    name == "identity" ? try await test.process("operations", name) : try await test.process(name)
            }
            self.processes = processes
            stand = try await GatewayFixture(processes.mapValues { [$0.address] }, clock: test.clock)
        }

        /// Signs in by the form, and returns the cookie.
        func signIn() async throws -> String {
            let page = try await stand.get("/sign-in")
            #expect(page.status == 200)
            let form = try #require(page.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
            let csrf = try #require(Self.field("csrf", in: page.body))
            let body = "csrf=\(csrf)&email=ada@example.com&password=correct+horse+battery"
            let answer = try #require(
                try await stand.client().ask(
                    Self.submit("/sign-in", "Cookie: \(form)\r\nOrigin: http://localhost:8080\r\n", body)))
            #expect(answer.status == 303)
            let cookie = try #require(answer.headers["set-cookie"]?.split(separator: ";").first.map(String.init))
            #expect(cookie.hasPrefix("popug_session="))
            return "Cookie: \(cookie)\r\n"
        }

        static func submit(_ path: String, _ headers: String, _ body: String) -> String {
            "POST \(path) HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
        }

        /// The value of a hidden field.
        static func field(_ name: String, in page: String) -> String? {
            guard let start = page.firstRange(of: "name=\"\(name)\" value=\"") else { return nil }
            return String(page[start.upperBound...].prefix { $0 != "\"" })
        }

        func stop() async {
            await stand.stop()
            for process in processes.values { await process.stop() }
        }
    }

    @Test("Signing in by form, a task created by form: cookie, form token and origin are checked as without a gateway")
    func forms() async throws {
        let company = try await Company()
        let cookie = try await company.signIn()
        let emma = try company.test.person("Emma Employee", "employee")
        _ = emma
        let page = try await company.stand.get("/tasks/new", cookie)
        #expect(page.status == 200)
        let csrf = try #require(Company.field("csrf", in: page.body))
        let once = try #require(Company.field("once", in: page.body))
        func create(_ headers: String, csrf: String, once: String) async throws -> Int {
            let body = "csrf=\(csrf)&once=\(once)&title=Feed+the+cat"
            return try #require(
                try await company.stand.client().ask(Company.submit("/tasks", cookie + headers, body))
            ).status
        }
        // The inside sees a token and no cookie, and yet asks for everything that it asks a browser for.
        #expect(try await create("", csrf: "wrong", once: "a1") == 403)
        #expect(try await create("Sec-Fetch-Site: cross-site\r\n", csrf: csrf, once: "a2") == 403)
        #expect(try await create("Origin: https://evil.example\r\n", csrf: csrf, once: "a3") == 403)
        #expect(try await create("Origin: http://localhost:8080\r\n", csrf: csrf, once: once) == 303)
        #expect(try await create("Origin: http://localhost:8080\r\n", csrf: csrf, once: once) == 303, "sent twice")
        try await Aside.run { try company.test.exchange.settle() }
        let list = try await company.stand.get("/api/tasks", cookie)
        #expect(list.body.components(separatedBy: "Feed the cat").count == 2, "created once")
        // A changing request of a program's kind with a cookie is a browser's too.
        let json = "{\"title\":\"Forged\"}"
        let forged = try #require(
            try await company.stand.client().ask(
                "POST /api/tasks HTTP/1.1\r\nHost: localhost:8080\r\nContent-Type: application/json\r\n"
                    + "Content-Length: \(json.utf8.count)\r\nIdempotency-Key: f\r\nOrigin: https://evil.example\r\n"
                    + "\(cookie)\r\n\(json)"))
        #expect(forged.status == 403)
        await company.stop()
    }

    @Test("A page has the parts of other processes in it; one that is away leaves a line, and its own pages say so")
    func includes() async throws {
        let company = try await Company()
        let cookie = try await company.signIn()
        let home = try await company.stand.get("/", cookie)
        #expect(home.status == 200)
        #expect(!home.body.contains("<!--#include"))
        #expect(home.headers["popug-includes"] == nil)
        #expect(Int(home.headers["content-length"] ?? "") == home.body.utf8.count)
        #expect(!home.body.contains("This part is unavailable right now"))
        #expect(home.body.contains("href=\"/operations\""), "one navigation for all")
        let direct = try WebSocketClient(port: try #require(company.processes["tracker"]).port)
        #expect(try #require(await direct.get("/", cookie)).body.contains("This part is unavailable right now"))
        #expect(try #require(try await company.stand.client().get("/", cookie, method: "HEAD")).status == 200)

        await company.processes["accounting"]?.stop()
        #expect(try await company.stand.wait("/", cookie) { $0.body.contains("This part is unavailable right now") })
        let away = try await company.stand.get("/account", cookie)
        #expect(away.status == 503)
        #expect(away.body.contains("Money: unavailable right now"))
        #expect(away.body.contains("Ada Admin"), "with the caller's navigation")
        #expect(away.body.contains("href=\"/tasks\""))
        // Pages that say no have the parts of their navigation, too: those of processes that are there.
        for (path, status) in [
            ("/tasks/0190a000-0000-7000-8000-000000000001", 404), ("/nowhere", 404), ("/account", 503),
        ] {
            let page = try await company.stand.get(path, cookie)
            #expect(page.status == status && !page.body.contains("<!--#include"), "\(path)")
            #expect(page.headers["popug-includes"] == nil && page.body.contains("data-from=\"/tracker/"), "\(path)")
        }
        // Who is nobody sees nothing of anybody, and is sent to sign in by those that are there.
        #expect(try await company.stand.get("/tasks").status == 303)
        let lost = try await company.stand.get("/no/such/page", cookie)
        #expect(lost.status == 404)
        #expect(lost.body.contains("Ada Admin"))
        await company.stop()
    }

    @Test("The whole OpenAPI document and the event reference, whichever processes there are")
    func documents() async throws {
        let company = try await Company()
        let document = try await company.stand.get("/api/openapi.json").body
        for path in ["/api/people", "/api/tasks", "/api/accounts", "/api/payouts", "/api/services", "/api/letters"] {
            #expect(document.contains("\"\(path)"), "\(path)")
        }
        let events = try await company.stand.get("/api/event-types").body
        #expect(events.contains("task-created"))
        await company.stop()
    }

    @Test("The caller's address and the request's id reach the services, which believe nobody without the key")
    func believed() async throws {
        let company = try await Company()
        let answer = try await company.stand.get("/api/nothing-here")
        #expect(ID(answer.headers["x-request-id"] ?? "") != nil)
        let process = try #require(company.processes["identity"])
        let id = "019a0000-0000-7000-8000-000000000001"
        let stranger = try #require(
            try await WebSocketClient(port: process.port).get("/api/keys", "X-Request-Id: \(id)\r\n"))
        #expect(stranger.headers["x-request-id"] != id)
        let gateway = try #require(
            try await WebSocketClient(port: process.port).get(
                "/api/keys", "X-Request-Id: \(id)\r\nPopug-Gateway: \(GatewayFixture.key.text)\r\n"))
        #expect(gateway.headers["x-request-id"] == id)
        await company.stop()
    }

    @Test("The routes for nginx are those of the services, and each path is one service's")
    func nginx() throws {
        let directions = try GatewayFixture.directions
        var owners: [String: Set<String>] = [:]
        for part in directions.parts {
            for endpoint in part.endpoints { owners[endpoint.path, default: []].insert(part.name) }
        }
        #expect(owners.filter { $0.value.count > 1 }.isEmpty)
        guard let root = PopugProcess.root else { return }
        let committed = try String(contentsOfFile: root + "/deploy/nginx/routes.conf", encoding: .utf8)
        #expect(committed == directions.nginx + "\n", "run `popug gateway routes > deploy/nginx/routes.conf`")
    }
}
