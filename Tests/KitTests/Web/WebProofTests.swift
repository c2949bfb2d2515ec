import Crypto
import Directory
import Foundation
import Logging
import Schemas
import Storage
import TestKit
import Testing
import Values
import Web

@Suite("X28, X66: what a token may do, beside who it is")
struct WebProofTests {
    private let toy: WebToy
    private let entrance: Entrance

    init() throws {
        toy = try WebToy()
        entrance = try WebProofTests.entrance(toy, address: "http://localhost:8080")
    }

    private static func entrance(_ toy: WebToy, address: String) throws -> Entrance {
        var page = Endpoint.page("/safe", "A safe", access: .staff) { _, _ in
            .page("toy/page", title: "toy.title", ["name": "inside"])
        }
        page.proof = .personal
        var form = Endpoint.form("/safe", "A safe", access: .staff, idempotent: false) { _, _ in
            .redirect(to: "/page")
        }
        form.proof = .personal
        var command = Endpoint.command(.put, "/api/safe", "A safe", access: .staff, idempotent: false) { _, _ in
            .nothing
        }
        command.proof = .personal
        let people = Endpoint.command(.put, "/api/people", "People", access: .staff, idempotent: false) { _, _ in
            .nothing
        }.needing(.fresh)
        let wayIn = Endpoint.command(.put, "/api/key", "A key", access: .staff, idempotent: false) { _, _ in .nothing }
            .needing(.wayIn)
        let write = Endpoint.command(.put, "/api/task", "A task", access: .staff, idempotent: false) { _, _ in .nothing
        }
        let read = Endpoint.read("/api/task", "A task", access: .staff, gives: .string) { _, _ in .nothing }
        let theme = Endpoint.page("/cookie", "A cookie", access: .anyone) { call, _ in
            var answer = Answer.page(
                "toy/page", title: "toy.title", ["name": .text(call.cookie(named: "popug_browser") ?? "none")])
            answer.cookies = [Cookie(name: "popug_browser", value: "mine", maxAge: 60)]
            return answer
        }
        let company = Company.test(publicAddress: address)
        let pages = try PageRenderer(sets: [WebToy.pages], navigation: [], company: company)
        return try Entrance(
            EndpointRunner(
                service: "toy", scope: Scope.tasks,
                endpoints: [page, form, command, people, wayIn, write, read, theme],
                database: toy.database,
                context: .init(
                    environment: toy.clock.environment, company: company, pages: pages,
                    secret: [UInt8](repeating: 7, count: 32),
                    log: Logger(label: "toy", factory: { _ in SwiftLogNoOpLogHandler() }))))
    }

    private func token(proven: Int64? = nil, scopes: Set<String>? = nil) throws -> String {
        let now = toy.clock.now
        return try Token.sign(
            Token.Claims(
                person: try #require(toy.people["employee"]).id, session: toy.clock.environment.newID(),
                issued: now.adding(seconds: -86_400), expires: now.adding(seconds: 86_400),
                proven: proven.map { now.adding(seconds: -$0) }, scopes: scopes),
            keyID: "k1", privateKey: [UInt8](toy.key.rawRepresentation))
    }

    private func ask(_ method: String, _ target: String, _ headers: WebRequest.Headers) -> WebResponse {
        entrance.runNow(WebRequest(method, target, headers: headers))
    }

    @Test("A proof counts for ten minutes; then a browser is led to give it anew, and a program is told how")
    func proof() throws {
        for (seconds, isFresh) in [(0, true), (600, true), (601, false), (nil, false)] as [(Int64?, Bool)] {
            let token = try token(proven: seconds)
            let cookie = WebRequest.Headers(cookie: "popug_session=\(token)")
            let page = ask("GET", "/safe?a=1", cookie)
            #expect(page.status == (isFresh ? 200 : 303), "\(seconds ?? -1)")
            if !isFresh { #expect(page.header("location") == "/confirm?next=%2Fsafe%3Fa%3D1") }
            let command = ask("PUT", "/api/safe", .init(authorization: "Bearer \(token)"))
            #expect(command.status == (isFresh ? 204 : 403))
            if !isFresh { #expect(command.text.contains("web.proof") && command.text.contains("POST /api/sessions")) }
        }
    }

    @Test("A form without a fresh proof does nothing, and leads back to its page")
    func form() throws {
        let token = try token(proven: 700)
        let headers = WebRequest.Headers(
            cookie: "popug_session=\(token)", contentType: "application/x-www-form-urlencoded",
            origin: "http://localhost:8080", host: "localhost:8080", referer: "http://localhost:8080/safe")
        let answer = ask("POST", "/safe", headers)
        #expect(answer.status == 303 && answer.header("location") == "/confirm?next=%2Fsafe&unsent=1")
    }

    @Test("A program's token changes only what its scopes name, and proves nothing")
    func scopes() throws {
        for (scopes, status) in [(nil, 204), ([], 403), (["money"], 403), (["money", "tasks"], 204)]
            as [(Set<String>?, Int)]
        {
            let headers = WebRequest.Headers(authorization: "Bearer \(try token(scopes: scopes))")
            #expect(ask("PUT", "/api/task", headers).status == status)
            #expect(ask("GET", "/api/task", headers).status == 204)
            #expect(ask("PUT", "/api/safe", headers).status == 403)
            // Where a program may, its scope is asked for, and no proof; a person's session without one is refused.
            #expect(ask("PUT", "/api/people", headers).status == (scopes == nil ? 403 : status))
            #expect(ask("PUT", "/api/key", headers).status == 403)
        }
        let person = WebRequest.Headers(authorization: "Bearer \(try token(proven: 30))")
        #expect(ask("PUT", "/api/people", person).status == 204)
        #expect(ask("PUT", "/api/key", person).status == 204)
        let every = WebRequest.Headers(authorization: "Bearer \(try token(scopes: Set(Scope.all)))")
        #expect(ask("PUT", "/api/key", every).status == 204)
        // A token without scopes is a person's, or an old program's without a proof; it gets on here as it did.
        let old = ask("PUT", "/api/key", .init(authorization: "Bearer \(try token())"))
        #expect(old.status == 403 && old.text.contains("web.proof"))
    }

    @Test("Behind https our cookies have names that no other site of the domain can give, and others are not ours")
    func hostCookies() throws {
        let secure = try WebProofTests.entrance(toy, address: "https://popug.test")
        func ask(_ cookie: String?) -> WebResponse {
            secure.runNow(WebRequest("GET", "/cookie", headers: .init(cookie: cookie, host: "popug.test")))
        }
        let set = try #require(ask(nil).headers.first { $0.value.has("=") && $0.value.contains("mine") }?.value)
        #expect(set.begins(with: "__Host-popug_browser=mine; Path=/;") && set.contains("; Secure"))
        #expect(!set.contains("Domain"))
        #expect(ask("__Host-popug_browser=own").text.contains("<p id=\"name\">own"))
        #expect(ask("popug_browser=planted").text.contains("<p id=\"name\">none"))
        let token = try token(proven: 0)
        let signedIn = secure.runNow(
            WebRequest("GET", "/api/task", headers: .init(cookie: "__Host-popug_session=\(token)")))
        let planted = secure.runNow(WebRequest("GET", "/api/task", headers: .init(cookie: "popug_session=\(token)")))
        #expect(signedIn.status == 204 && planted.status == 401)
    }

    @Test("Behind https the same host without it is another origin")
    func origin() throws {
        let secure = try WebProofTests.entrance(toy, address: "https://popug.test")
        let token = try token(proven: 0)
        for (origin, host, isOwn) in [
            ("https://popug.test", "popug.test", true), ("http://popug.test", "popug.test", false),
            ("http://localhost:8080", "localhost:8080", true),
        ] {
            let answer = secure.runNow(
                WebRequest(
                    "PUT", "/api/task",
                    headers: .init(cookie: "__Host-popug_session=\(token)", origin: origin, host: host)))
            #expect(answer.status == (isOwn ? 204 : 403), "\(origin)")
        }
    }
}
