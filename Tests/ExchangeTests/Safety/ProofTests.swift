import Composition
import Directory
import Foundation
import TestKit
import Testing
import Values
import Web

/// What asks for a fresh proof of who one is, and what a session that is older gets there.
@Suite("X28: fresh proofs, on the product's own endpoints")
struct ProofTests {
    private let test: TestExchange
    private static let password = "a wholly other phrase"

    init() throws {
        test = try TestExchange()
    }

    @Test("These endpoints ask for one, and no others: where money goes, ways in, and changes of others")
    func table() {
        var personal: Set<String> = []
        var fresh: Set<String> = []
        var waysIn: Set<String> = []
        for endpoint in test.exchange.runners.flatMap(\.endpoints) {
            let name = "\(endpoint.method.rawValue) \(endpoint.path)"
            switch endpoint.proof {
            case .personal: personal.insert(name)
            case .fresh: fresh.insert(name)
            case .wayIn: waysIn.insert(name)
            case .none: break
            }
        }
        #expect(
            personal == [
                "GET /payouts/destination", "POST /payouts/destination", "PUT /api/accounts/{person}/destination",
                "GET /me/passkeys/new", "POST /me/passkeys", "GET /me/passkeys/{passkey}",
                "POST /me/passkeys/{passkey}", "DELETE /api/me/passkeys/{passkey}", "GET /me/codes", "POST /me/codes",
            ])
        #expect(
            fresh == [
                "GET /people/new", "POST /api/people", "PATCH /api/people/{person}", "GET /people/{person}/active",
                "POST /people/{person}/active",
            ])
        #expect(
            waysIn == [
                "POST /people", "POST /people/{person}/details", "POST /people/{person}/roles",
                "POST /people/{person}/password", "PUT /api/people/{person}/password", "POST /people/{person}/link",
                "POST /api/people/{person}/welcome-links", "POST /people/{person}/tokens",
                "POST /api/people/{person}/tokens", "GET /people/{person}/passkeys/{passkey}",
                "POST /people/{person}/passkeys/{passkey}", "DELETE /api/people/{person}/passkeys/{passkey}",
                "GET /people/{person}/company-accounts/{account}", "POST /people/{person}/company-accounts/{account}",
                "DELETE /api/people/{person}/company-accounts/{account}", "POST /people/{person}/sign-in-link",
                "POST /api/people/{person}/sign-in-links",
            ])
    }

    private func signedIn(_ name: String, _ role: String) throws -> String {
        let email = "\(name.lowercased())@example.com"
        let made = test.send(
            "POST", "/api/people",
            json: #"{"name":"\#(name)","email":"\#(email)","roles":["\#(role)"],"password":"\#(ProofTests.password)"}"#,
            as: test.admin)
        try #require(made.status == 201, "\(made.text)")
        try test.exchange.settle()
        let session = test.send(
            "POST", "/api/sessions", json: #"{"email":"\#(email)","password":"\#(ProofTests.password)"}"#, as: nil)
        return try #require(try session.json()["token"].text)
    }

    private func ask(
        _ method: String, _ path: String, _ token: String, json: String? = nil, form: String? = nil
    ) -> WebResponse {
        let isAPI = path.hasPrefix("/api/")
        var request = WebRequest(method, path)
        if isAPI {
            request.headers.authorization = "Bearer \(token)"
        } else {
            request.headers.cookie = "\(EndpointRunner.sessionCookie)=\(token)"
        }
        if let json {
            request.headers.contentType = "application/json"
            request.body = Array(json.utf8)
        }
        if let form {
            request.headers.contentType = "application/x-www-form-urlencoded"
            request.headers.referer = "http://localhost:8080\(path)"
            request.body = Array(form.utf8)
        }
        request.headers.idempotencyKey = test.clock.environment.newID().description
        return test.exchange.respond(to: request)
    }

    private func csrf(_ page: WebResponse) throws -> String {
        String(try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1))
    }

    @Test("A session says where money goes for ten minutes after its password was typed; then it is typed again")
    func destination() throws {
        let token = try signedIn("Emma", Role.employee)
        let body = #"{"number":"4111111111111111"}"#
        test.clock.advance(seconds: 600)
        #expect(ask("PUT", "/api/accounts/me/destination", token, json: body).status == 200)
        let form = "csrf=\(try csrf(ask("GET", "/payouts/destination", token)))&number=DE89370400440532013000"
        test.clock.advance(seconds: 1)
        #expect(ask("PUT", "/api/accounts/me/destination", token, json: body).status == 403)
        let confirm = "/confirm?next=%2Fpayouts%2Fdestination"
        #expect(ask("GET", "/payouts/destination", token).header("location") == confirm)
        let sent = ask("POST", "/payouts/destination", token, form: form)
        #expect(sent.status == 303 && sent.header("location") == confirm + "&unsent=1")
        #expect(ask("GET", "/confirm?unsent=1", token).text.contains("is not saved yet"))
        #expect(ask("GET", "/api/accounts/me/destination", token).text.contains("1111"))
        let confirmed = ask(
            "POST", "/confirm", token,
            form: "csrf=\(try csrf(ask("GET", "/confirm", token)))&next=/payouts/destination&password="
                + PercentCoding.encode(ProofTests.password))
        #expect(confirmed.status == 303 && confirmed.header("location") == "/payouts/destination")
        let cookie = try #require(
            confirmed.headers.first { $0.name == "set-cookie" && $0.value.hasPrefix("popug_session=") }?.value)
        let renewed = String(cookie.before(";").dropFirst("popug_session=".count))
        // The session is the same one, and so is its form.
        #expect(
            ask("POST", "/payouts/destination", renewed, form: form).header("location")?.hasPrefix("/account") == true)
        #expect(ask("GET", "/api/accounts/me/destination", renewed).text.contains("3000"))
        #expect(try test.findings() == [])
    }

    @Test("An open browser of an admin's gives nobody a way in, once it has stood there for ten minutes")
    func admin() throws {
        let token = try signedIn("Root", Role.admin)
        let emma = try test.person("Emma Employee", Role.employee)
        test.clock.advance(seconds: 601)
        for (method, path, json) in [
            ("PUT", "/api/people/\(emma)/password", #"{"password":"a long other phrase"}"#),
            ("POST", "/api/people/\(emma)/welcome-links", nil),
            ("POST", "/api/people/\(emma)/tokens", #"{"name":"x"}"#),
            ("PATCH", "/api/people/\(emma)", #"{"email":"mallory@example.com"}"#),
            ("POST", "/api/people", #"{"name":"M","email":"m@example.com","roles":["admin"]}"#),
        ] as [(String, String, String?)] {
            let answer = ask(method, path, token, json: json)
            #expect(answer.status == 403 && answer.text.contains("web.proof"), "\(method) \(path): \(answer.text)")
        }
        #expect(ask("GET", "/people/new", token).header("location") == "/confirm?next=%2Fpeople%2Fnew")
        #expect(test.send("POST", "/api/people/\(emma)/welcome-links", as: test.admin).status == 201)
        let page = ask("GET", "/people/\(emma)", token).text
        #expect(!page.contains("/welcome/") && page.contains("There is already a link"))
        // What gives no way in goes on.
        #expect(ask("DELETE", "/api/people/\(emma)/sessions", token).status == 204)
        #expect(ask("GET", "/people", token).status == 200)
    }

    @Test("A program that may make no way in does not see a link that sets a password")
    func link() throws {
        let emma = try test.person("Emma Employee", Role.employee)
        #expect(test.send("POST", "/api/people/\(emma)/welcome-links", as: test.admin).status == 201)
        func token(_ scopes: String) throws -> String {
            let made = test.send(
                "POST", "/api/people/\(test.admin)/tokens", json: #"{"name":"x","scopes":[\#(scopes)]}"#, as: test.admin
            )
            return try #require(try made.json()["token"].text)
        }
        func page(_ token: String) -> String {
            var request = WebRequest("GET", "/people/\(emma)")
            request.headers.authorization = "Bearer \(token)"
            return test.exchange.respond(to: request).text
        }
        #expect(!page(try token("")).contains("/welcome/"))
        #expect(!page(try token(#""money""#)).contains("/welcome/"))
        #expect(!page(try token(#""people""#)).contains("/welcome/"))
        #expect(page(try token(#""tasks","money","people","operations""#)).contains("/welcome/"))
    }
}
