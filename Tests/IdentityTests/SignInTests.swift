import Crypto
import Directory
import Foundation
import Identity
import Logging
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Signing in", .onEachDatabase)
struct SignInTests {
    @Test("X1: a password gives a token; a wrong one and an unknown person are told apart by nothing")
    func signIn() throws {
        let bench = try IdentityFixture()
        let token = try bench.token()
        #expect(bench.ask("GET", "/api/me", token: token).status == 200)
        let wrong = bench.signIn("anna@popug.test", "wrong password")
        let unknown = bench.signIn("nobody@popug.test", "wrong password")
        #expect(wrong.status == 401 && unknown.status == 401)
        #expect(try bench.field("title", wrong) == bench.field("title", unknown))
    }

    @Test("X6: a new hash has the cost that guidance asks for; a weaker one is renewed at sign-in")
    func hashes() throws {
        #expect(HashCost.current == HashCost(rounds: 131_072, block: 8, parallel: 1))
        let weak = try IdentityFixture()
        let strong = IdentityService(
            company: weak.company, secret: IdentityFixture.secret, codes: .trial,
            settings: IdentitySettings(cost: HashCost(rounds: 64, block: 8, parallel: 1)))
        try strong.prepare(weak.database, weak.clock.environment)
        let pages = try PageRenderer(sets: [strong.pages], navigation: [], company: weak.company)
        let entrance = try Entrance(
            EndpointRunner(
                service: "identity", endpoints: strong.endpoints, database: weak.database,
                context: .init(
                    environment: weak.clock.environment, company: weak.company, pages: pages,
                    secret: IdentityFixture.secret,
                    log: .init(label: "test"))))
        let body = #"{"email": "anna@popug.test", "password": "\#(IdentityFixture.password)"}"#
        for _ in 1...2 {
            let response = entrance.runNow(
                WebRequest(
                    "POST", "/api/sessions", headers: .init(contentType: "application/json"), body: Array(body.utf8)))
            #expect(response.status == 201)
        }
        let rounds: Int? = try weak.database.read { try $0.value("SELECT rounds FROM identity_credential") }
        #expect(rounds == 64)
    }

    @Test("X7: a deactivated person is out at once, and back with a new session only")
    func deactivation() throws {
        let bench = try IdentityFixture()
        let id = try bench.person("Boris", password: "a long password")
        let token = try bench.field("token", bench.signIn("boris@popug.test", "a long password"))
        #expect(bench.ask("GET", "/api/me", token: token).status == 200)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"active": false}"#)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
        #expect(bench.signIn("boris@popug.test", "a long password").status == 401)
        #expect(try bench.events("sessions-revoked").count == 1)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"active": true}"#)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
        #expect(bench.signIn("boris@popug.test", "a long password").status == 201)
        #expect(try bench.problems().isEmpty)
    }

    @Test("X7: a role taken away is gone at the next request")
    func roleGone() throws {
        let bench = try IdentityFixture()
        let id = try bench.person("Boris", roles: #""admin""#, password: "a long password")
        let token = try bench.field("token", bench.signIn("boris@popug.test", "a long password"))
        #expect(bench.ask("GET", "/api/people", token: token).status == 200)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"roles": ["employee"]}"#)
        #expect(bench.ask("GET", "/api/people", token: token).status == 403)
    }

    @Test("X7: signing out ends a session at once; everywhere ends all")
    func signOut() throws {
        let bench = try IdentityFixture()
        let first = bench.signIn()
        let token = try bench.field("token", first)
        let other = try bench.token()
        let third = try bench.token()
        let id = try bench.field("id", first)
        #expect(bench.ask("DELETE", "/api/sessions/\(id)", token: token).status == 204)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
        #expect(bench.ask("GET", "/api/me", token: other).status == 200)
        #expect(bench.ask("DELETE", "/api/sessions", token: other).status == 204)
        #expect(bench.ask("GET", "/api/me", token: third).status == 401)
        #expect(try bench.problems().isEmpty)
    }

    @Test("Nobody ends another's session but an admin")
    func othersSession() throws {
        let bench = try IdentityFixture()
        _ = try bench.person("Boris", password: "a long password")
        let boris = bench.signIn("boris@popug.test", "a long password")
        let anna = bench.signIn()
        let token = try bench.field("token", boris)
        #expect(bench.ask("DELETE", "/api/sessions/\(try bench.field("id", anna))", token: token).status == 404)
        let annas = try bench.field("token", anna)
        #expect(bench.ask("DELETE", "/api/sessions/\(try bench.field("id", boris))", token: annas).status == 204)
    }

    @Test("Failed sign-ins slow down the pair of account and address, and lock nobody out")
    func throttle() throws {
        let bench = try IdentityFixture()
        _ = bench.signIn(address: "10.0.0.9")
        var statuses: [Int] = []
        for _ in 1...8 { statuses.append(bench.signIn("anna@popug.test", "guess guess", address: "6.6.6.6").status) }
        #expect(statuses.contains(429))
        let refused = bench.signIn("anna@popug.test", IdentityFixture.password, address: "6.6.6.6")
        #expect(refused.status == 429)
        #expect(refused.header("retry-after") != nil)
        #expect(bench.signIn(address: "10.0.0.9").status == 201)
        #expect(bench.signIn(address: "10.0.0.77").status == 201)
        bench.clock.advance(seconds: 901)
        #expect(bench.signIn(address: "6.6.6.6").status == 201)
    }

    @Test("Guessing many accounts from one address does not hold up a person known there")
    func knownAddress() throws {
        let bench = try IdentityFixture()
        #expect(bench.signIn(address: "6.6.6.6").status == 201)
        var last = 0
        for index in 1...30 { last = bench.signIn("x\(index)@popug.test", "guess guess", address: "6.6.6.6").status }
        #expect(last == 429)
        #expect(bench.signIn(address: "6.6.6.6").status == 201)
    }

    @Test("X64: whoever guesses from the same address holds up no browser that its person has signed in with")
    func knownBrowser() throws {
        let bench = try IdentityFixture()
        let first = try signInPage(bench, address: "6.6.6.6")
        let cookie = try #require(browserCookie(first))
        // In vain, until nothing is let through from there any more.
        for _ in 1...40 { _ = bench.signIn("anna@popug.test", "guess guess", address: "6.6.6.6") }
        #expect(bench.signIn(address: "6.6.6.6").status == 429)
        for _ in 1...3 { #expect(try signInPage(bench, cookie, address: "6.6.6.6").status == 303) }
        // Wherever it is taken to, and for its own person only.
        for _ in 1...40 { _ = bench.signIn("anna@popug.test", "guess guess", address: "7.7.7.7") }
        #expect(try signInPage(bench, cookie, address: "7.7.7.7").status == 303)
        _ = try bench.person("Boris", password: "a long password")
        for _ in 1...40 { _ = bench.signIn("boris@popug.test", "guess guess", address: "7.7.7.7") }
        let other = try signInPage(bench, cookie, "boris@popug.test", "a+long+password", address: "7.7.7.7")
        #expect(other.status == 429)
        #expect(try bench.problems().isEmpty)
    }

    @Test("X64: a browser is no way around: its own guesses are slowed down, and what it keeps cannot be made up")
    func guessingBrowser() throws {
        let bench = try IdentityFixture()
        let cookie = try #require(browserCookie(try signInPage(bench, address: "6.6.6.6")))
        let statuses = try (1...8).map { _ in
            try signInPage(bench, cookie, "anna@popug.test", "guess+guess", address: "7.7.7.7").status
        }
        #expect(statuses.contains(429))
        #expect(try signInPage(bench, cookie, address: "8.8.8.8").status == 429, "it is one, wherever it is")
        #expect(bench.signIn(address: "6.6.6.6").status == 201, "and holds up nobody else")
        for _ in 1...40 { _ = bench.signIn("anna@popug.test", "guess guess", address: "9.9.9.9") }
        let changed = (cookie.first == "A" ? "B" : "A") + cookie.dropFirst()
        for wrong in [changed, "x", "", String(cookie.dropLast()), cookie + "A"] {
            let status = try signInPage(bench, wrong, "anna@popug.test", "guess+guess", address: "9.9.9.9").status
            #expect(status == 429, "\(wrong)")
        }
    }

    @Test("One browser knows several people")
    func sharedBrowser() throws {
        let bench = try IdentityFixture()
        _ = try bench.person("Boris", password: "a long password")
        let annas = try #require(browserCookie(try signInPage(bench, address: "6.6.6.6")))
        let both = try #require(
            browserCookie(try signInPage(bench, annas, "boris@popug.test", "a+long+password", address: "6.6.6.6")))
        #expect(both.hasSuffix("." + annas))
        for email in ["anna@popug.test", "boris@popug.test"] {
            for _ in 1...40 { _ = bench.signIn(email, "guess guess", address: "6.6.6.6") }
        }
        #expect(try signInPage(bench, both, address: "6.6.6.6").status == 303)
        #expect(
            try signInPage(bench, both, "boris@popug.test", "a+long+password", address: "6.6.6.6").status == 303)
    }

    @Test("X64: at an address where a person is known, some wrong passwords of others still let them in")
    func sharedAddress() throws {
        let bench = try IdentityFixture()
        #expect(bench.signIn(address: "6.6.6.6").status == 201)
        for _ in 1...15 {
            #expect(bench.signIn("anna@popug.test", "guess guess", address: "6.6.6.6").status == 401)
        }
        #expect(bench.signIn(address: "6.6.6.6").status == 201)
        // All of a subscriber's IPv6 addresses are one, and IPv4 is IPv4 however it is written.
        #expect(bench.signIn(address: "2001:db8::1").status == 201)
        for _ in 1...15 { _ = bench.signIn("anna@popug.test", "guess guess", address: "2001:DB8:0:0:9::2") }
        #expect(bench.signIn(address: "2001:db8::3").status == 201)
        for _ in 1...15 { _ = bench.signIn("anna@popug.test", "guess guess", address: "::ffff:9.9.9.9") }
        #expect(bench.signIn(address: "9.9.9.9").status == 429)
    }

    /// Signs in by the page, with what a browser keeps.
    private func signInPage(
        _ bench: IdentityFixture, _ cookie: String = "", _ email: String = "anna@popug.test",
        _ password: String = "correct+horse+battery", address: String
    ) throws -> WebResponse {
        let guardian = FormGuard(secret: IdentityFixture.secret, publicAddress: bench.company.publicAddress)
        let body = "email=\(email)&password=\(password)&next=&csrf=\(guardian.token(anonymous: "browser"))"
        return bench.entrance.runNow(
            WebRequest(
                "POST", "/sign-in",
                headers: .init(
                    cookie: "\(FormGuard.cookie)=browser; popug_browser=\(cookie)",
                    contentType: "application/x-www-form-urlencoded"),
                body: Array(body.utf8), address: address))
    }

    private func browserCookie(_ response: WebResponse) -> String? {
        response.headers.first { $0.name == "set-cookie" && $0.value.hasPrefix("popug_browser=") }
            .flatMap { $0.value.split(separator: ";").first?.split(separator: "=", maxSplits: 1).last.map(String.init) }
    }

    @Test("A program's token works until it is ended, and is shown once")
    func programToken() throws {
        let bench = try IdentityFixture()
        let made = bench.admin("POST", "/api/people/\(bench.admin.id)/tokens", #"{"name": "robot", "days": 365}"#)
        #expect(made.status == 201)
        let token = try bench.field("token", made)
        bench.clock.advance(seconds: 300 * 86_400)
        try bench.runJobs()
        #expect(bench.ask("GET", "/api/me", token: token).status == 200)
        let list = bench.admin("GET", "/api/people/\(bench.admin.id)/sessions").text
        #expect(list.contains("robot") && !list.contains(token))
        #expect(bench.admin("DELETE", "/api/sessions/\(try bench.field("id", made))").status == 204)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
        let long = bench.admin("POST", "/api/people/\(bench.admin.id)/tokens", #"{"name": "robot", "days": 367}"#)
        #expect(long.status == 422)
    }

    @Test("Keys rotate; a token of an earlier key lives to its end; every change is told (X50)")
    func rotation() throws {
        let bench = try IdentityFixture()
        let before = bench.ask("GET", "/api/keys").text
        #expect(try bench.events("keys-changed").count == 1)
        bench.clock.advance(seconds: 29 * 86_400 + 1)
        try bench.runJobs()
        let token = try bench.token()
        #expect(try bench.events("keys-changed").count == 2)
        #expect(bench.ask("GET", "/api/keys").text != before)
        bench.clock.advance(seconds: 10 * 86_400)
        try bench.runJobs()
        #expect(bench.ask("GET", "/api/me", token: token).status == 200)
        let sealed: Int? = try bench.database.read {
            try $0.value("SELECT COUNT(*) FROM identity_key WHERE sealed IS NOT NULL")
        }
        #expect(sealed == 1)
        bench.clock.advance(seconds: 5 * 86_400)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
        #expect(try bench.problems().isEmpty)
    }

    @Test("Another installation's secret is refused at start")
    func wrongSecret() throws {
        let bench = try IdentityFixture()
        let other = IdentityService(company: bench.company, secret: [UInt8](repeating: 6, count: 32), codes: .trial)
        #expect(throws: IdentityCommands.WrongSecret.self) {
            try other.prepare(bench.database, bench.clock.environment)
        }
    }

    @Test("Tokens that are forged or cut are refused", arguments: [0, 1, 2])
    func forged(part: Int) throws {
        let bench = try IdentityFixture()
        var parts = try bench.token().split(separator: ".").map(String.init)
        let first = parts[part].removeFirst()
        parts[part] = (first == "A" ? "B" : "A") + parts[part]
        #expect(bench.ask("GET", "/api/me", token: parts.joined(separator: ".")).status == 401)
        #expect(bench.ask("GET", "/api/me", token: String(try bench.token().dropLast(10))).status == 401)
    }

    @Test("A link sets a password once, until it expires or is replaced")
    func welcome() throws {
        let bench = try IdentityFixture()
        let id = try bench.person("Boris")
        let old = try bench.field("path", bench.admin("POST", "/api/people/\(id)/welcome-links"))
        let path = try bench.field("path", bench.admin("POST", "/api/people/\(id)/welcome-links"))
        #expect(bench.ask("GET", old).status == 404)
        #expect(bench.ask("GET", path).status == 200)
        #expect(try post(bench, path, "password=short").status == 422)
        #expect(try post(bench, path, "password=quite+long+enough").status == 303)
        #expect(bench.ask("GET", path).status == 404)
        #expect(bench.signIn("boris@popug.test", "quite long enough").status == 201)
        let late = try bench.field("path", bench.admin("POST", "/api/people/\(id)/welcome-links"))
        bench.clock.advance(seconds: 8 * 86_400)
        #expect(bench.ask("GET", late).status == 404)
    }

    @Test("The sign-in page leads back to a local path only, and sets the cookie")
    func signInPage() throws {
        let bench = try IdentityFixture()
        let good = "email=anna%40popug.test&password=correct+horse+battery&next=%2Ftasks"
        let done = try post(bench, "/sign-in", good)
        #expect(done.status == 303 && done.header("location") == "/tasks")
        #expect(done.headers.contains { $0.name == "set-cookie" && $0.value.hasPrefix("popug_session=ey") })
        let away = try post(bench, "/sign-in", good.replacing("%2Ftasks", with: "%2F%2Fevil.example"))
        #expect(away.header("location") == "/")
        let wrong = try post(bench, "/sign-in", good.replacing("horse", with: "cow"))
        #expect(wrong.status == 401 && wrong.text.contains("anna@popug.test"))
    }

    /// Posts a form as an anonymous browser would: with the cookie and the token that the page gave it.
    private func post(_ bench: IdentityFixture, _ path: String, _ form: String) throws -> WebResponse {
        let guardian = FormGuard(secret: IdentityFixture.secret, publicAddress: bench.company.publicAddress)
        let body = form + "&csrf=" + guardian.token(anonymous: "browser")
        return bench.entrance.runNow(
            WebRequest(
                "POST", path,
                headers: .init(
                    cookie: "\(FormGuard.cookie)=browser", contentType: "application/x-www-form-urlencoded"),
                body: Array(body.utf8)))
    }

    @Test("Changing one's password needs the present one and ends the other sessions")
    func changePassword() throws {
        let bench = try IdentityFixture()
        let token = try bench.token()
        let other = try bench.token()
        let wrong = #"{"present": "not this one", "new": "another long one"}"#
        #expect(bench.ask("PUT", "/api/me/password", wrong, token: token).status == 422)
        let right = #"{"present": "\#(IdentityFixture.password)", "new": "another long one"}"#
        #expect(bench.ask("PUT", "/api/me/password", right, token: token).status == 204)
        #expect(bench.ask("GET", "/api/me", token: token).status == 200)
        #expect(bench.ask("GET", "/api/me", token: other).status == 401)
        #expect(bench.signIn("anna@popug.test", IdentityFixture.password).status == 401)
        #expect(bench.signIn("anna@popug.test", "another long one").status == 201)
    }

    @Test("X3: the first admin is created once")
    func firstAdmin() throws {
        let bench = try IdentityFixture()
        let environment = bench.clock.environment
        let hash = try bench.service.hasher.hash("a long password", environment)
        let commands = bench.service.commands
        #expect(throws: Problem.self) {
            try bench.database.write {
                try commands.createFirstAdmin(
                    name: "Eve", email: "eve@popug.test", password: hash,
                    CommandContext($0, environment: environment, trace: "x", by: nil))
            }
        }
    }

    @Test("A browser whose session was ended signs in again, though it still has the dead one's cookie and no other")
    func deadSession() throws {
        let bench = try IdentityFixture()
        let dead = try bench.token()
        #expect(bench.ask("DELETE", "/api/sessions", token: dead).status == 204)
        let cookie = "\(EndpointRunner.sessionCookie)=\(dead)"
        let page = bench.entrance.runNow(WebRequest("GET", "/sign-in", headers: .init(cookie: cookie)))
        let form = try #require(
            page.headers.first { $0.name == "set-cookie" && $0.value.begins(with: FormGuard.cookie) }?.value.before(";")
        )
        let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1)
        func submit(_ csrf: Substring, _ password: String) -> WebResponse {
            bench.entrance.runNow(
                WebRequest(
                    "POST", "/sign-in",
                    headers: .init(cookie: "\(cookie); \(form)", contentType: "application/x-www-form-urlencoded"),
                    body: Array("csrf=\(csrf)&email=anna@popug.test&password=\(password)&next=".utf8)))
        }
        // Without the form's token a password is not even looked at, as far as the answer tells.
        #expect(submit("wrong", "guess").status == 403)
        let wrong = submit(csrf, "guess")
        #expect(wrong.status == 401)
        let again = try #require(wrong.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1)
        #expect(submit(again, "correct+horse+battery").status == 303)
    }
}
