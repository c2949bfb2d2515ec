import Crypto
import Directory
import Foundation
import Storage
import TestKit
import Testing
import Values
import Web

@Suite("The guard")
struct WebGuardTests {
    @Test("X7: who may is decided by the declaration, for every role")
    func matrix() throws {
        let toy = try WebToy()
        for endpoint in WebToy.endpoints where endpoint.reads && endpoint.kind == .api {
            for role in WebToy.everyRole + [nil as String?].compactMap({ $0 }) {
                let status = try toy.get(endpoint.path, as: role).status
                let person = try #require(toy.people[role])
                switch endpoint.access {
                case .anyone: #expect(status == 200)
                case .staff: #expect(status == (person.isStaff ? 200 : 403), "\(role) \(endpoint.path)")
                case .holding(let roles): #expect(status == (person.holds(anyOf: roles) ? 200 : 403))
                case .inside: #expect(status == 404)
                }
            }
            #expect(try toy.get(endpoint.path).status == (endpoint.access == .anyone ? 200 : 401))
        }
    }

    @Test("X7: a role taken away or a deactivated person is refused at the next request, whatever the token says")
    func withdrawn() throws {
        let toy = try WebToy()
        let token = try toy.token("admin")
        let request = WebRequest("GET", "/api/for/admin", headers: .init(authorization: "Bearer \(token)"))
        #expect(toy.entrance.runNow(request).status == 200)
        var admin = try #require(toy.people["admin"])
        admin.roles = [Role.employee]
        let demoted = admin
        try toy.database.write { try Directory.put(demoted, in: $0) }
        #expect(toy.entrance.runNow(request).status == 403)
        admin.active = false
        let gone = admin
        try toy.database.write { try Directory.put(gone, in: $0) }
        #expect(toy.entrance.runNow(request).status == 401)
    }

    @Test("A page that another site sends the browser to may write; a form that comes from there may not")
    func landing() throws {
        let toy = try WebToy()
        let landing = Endpoint.landing("/back", "Back from elsewhere", access: .staff) { _, transaction in
            try transaction.send("INSERT INTO note (text) VALUES ('back')")
            return .redirect(to: "/page")
        }
        let form = Endpoint.form("/back", "A form", access: .staff, idempotent: false) { _, _ in .redirect(to: "/") }
        let entrance = try Entrance(
            EndpointRunner(service: "toy", endpoints: [landing, form], database: toy.database, context: toy.context))
        let cookie = "\(EndpointRunner.sessionCookie)=\(try toy.token("boss"))"
        let headers = WebRequest.Headers(
            cookie: cookie, contentType: "application/x-www-form-urlencoded", origin: "https://elsewhere.example",
            fetchSite: "cross-site", host: "localhost:8080")
        #expect(entrance.runNow(WebRequest("GET", "/back?code=1", headers: headers)).status == 303)
        #expect(try toy.notes == 1)
        let refused = entrance.runNow(WebRequest("POST", "/back", headers: headers))
        #expect(refused.status == 403)
    }

    @Test("X7: an ended session is refused although its token lives on")
    func revoked() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let token = try toy.token("boss", session: session)
        let request = WebRequest("GET", "/api/for/staff", headers: .init(authorization: "Bearer \(token)"))
        #expect(toy.entrance.runNow(request).status == 200)
        let until = toy.clock.now.adding(seconds: 3600)
        try toy.database.write { try Directory.revoke([(session, until)], in: $0) }
        #expect(toy.entrance.runNow(request).status == 401)
    }

    @Test("X7: a person whose event had to be parked is denied")
    func denied() throws {
        let toy = try WebToy()
        let boss = try #require(toy.people["boss"]).id
        try toy.database.write { try Directory.deny(boss, in: $0) }
        let response = try toy.get("/api/for/staff", as: "boss")
        #expect(response.status == 403)
        #expect(response.problem == "web.denied")
    }

    @Test("Forged, expired, early, broken and other-key tokens are refused")
    func tokens() throws {
        let toy = try WebToy()
        let good = try toy.token("admin")
        let parts = good.split(separator: ".").map(String.init)
        let none = Base64URL.encode(Array(#"{"alg":"none","kid":"k1"}"#.utf8))
        let bad = [
            try toy.token("admin", key: P256.Signing.PrivateKey()),
            try toy.token("admin", keyID: "k2"),
            try toy.token("admin", issued: -7200, lives: 3600),
            try toy.token("admin", issued: 600),
            "\(none).\(parts[1]).", "\(none).\(parts[1]).\(parts[2])",
            "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).\(parts[2])A", "", "x",
            String(repeating: "a", count: 9000),
            "\(parts[0]).\(Base64URL.encode(Array("{}".utf8))).\(parts[2])",
        ]
        for token in bad {
            // Twice, because the second look may come from what was kept of the first.
            for _ in 0..<2 {
                let response = toy.entrance.runNow(
                    WebRequest("GET", "/api/for/admin", headers: .init(authorization: "Bearer \(token)")))
                #expect(response.status == 401, "\(token.prefix(80))")
            }
        }
        let basic = WebRequest("GET", "/api/for/admin", headers: .init(authorization: "Basic YTpi"))
        #expect(toy.entrance.runNow(basic).status == 401)
        #expect(try toy.get("/api/for/admin", as: "admin").status == 200)
    }

    @Test("A token expires by the clock although its signature was checked before")
    func expiresWhileKept() throws {
        let toy = try WebToy()
        let token = try toy.token("admin", lives: 60)
        let request = WebRequest("GET", "/api/for/admin", headers: .init(cookie: "a=b; popug_session=\(token)"))
        #expect(toy.entrance.runNow(request).status == 200)
        toy.clock.advance(seconds: 2)
        #expect(toy.entrance.runNow(request).status == 200)
        toy.clock.advance(seconds: 58)
        #expect(toy.entrance.runNow(request).status == 401)
    }

    @Test("A key that was taken back is not taken any more, seconds later")
    func keyTakenBack() throws {
        let toy = try WebToy()
        let token = try toy.token("admin")
        let request = WebRequest("GET", "/api/for/admin", headers: .init(authorization: "Bearer \(token)"))
        #expect(toy.entrance.runNow(request).status == 200)
        try toy.database.write { try Directory.putKeys([], in: $0) }
        toy.clock.advance(seconds: 6)
        #expect(toy.entrance.runNow(request).status == 401)
    }

    @Test("A signed-in person that this service has not heard of yet is asked to come back")
    func notKnownYet() throws {
        let toy = try WebToy()
        try toy.database.write { try $0.send("DELETE FROM directory_person") }
        let response = try toy.get("/api/for/staff", as: "boss")
        #expect(response.status == 503)
        #expect(response.header("retry-after") == "1")
    }

    @Test("The local socket's caller is trusted, and must be active")
    func local() throws {
        let toy = try WebToy()
        let admin = try #require(toy.people["admin"])
        let request = WebRequest("GET", "/api/for/admin", credential: .local(admin.id))
        #expect(toy.entrance.runNow(request).text.contains("Admin"))
        let employee = try #require(toy.people["employee"])
        #expect(toy.entrance.runNow(WebRequest("GET", "/api/for/admin", credential: .local(employee.id))).status == 403)
    }

    @Test("A page leads the signed-out to sign-in and back; a program is told")
    func signIn() throws {
        let toy = try WebToy()
        let id = "0190f0f0-0000-7000-8000-000000000001"
        let page = try toy.get("/page/\(id)?x=1&y=%2F")
        #expect(page.status == 303)
        #expect(page.header("location") == "/sign-in?next=%2Fpage%2F\(id)%3Fx%3D1%26y%3D%252F")
        #expect(try toy.get("/api/for/staff").header("www-authenticate") == "Bearer")
    }

    @Test("Slow work happens before the transaction, for a known caller, and not for one who may not")
    func before() throws {
        let toy = try WebToy()
        var request = WebRequest("PUT", "/api/slow", headers: .init(authorization: "Bearer \(try toy.token("boss"))"))
        #expect(toy.entrance.runNow(request).text.contains("hashed for Boss"))
        request.headers.authorization = "Bearer \(try toy.token("guest"))"
        #expect(toy.entrance.runNow(request).status == 403)
    }
}

@Suite("Forms")
struct WebFormTests {
    @Test("A form without its token, or with another one's, changes nothing")
    func csrf() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let cookie = "popug_session=\(try toy.token("boss", session: session))"
        let other = toy.context.forms.token(session: toy.clock.environment.newID())
        for fields in ["text=a&once=1", "text=a&once=1&csrf=", "text=a&once=1&csrf=\(other)", "text=a&once=1&csrf=x"] {
            #expect(toy.submit("/page", fields, cookie: cookie).status == 403)
        }
        #expect(try toy.notes == 0)
        let good = toy.context.forms.token(session: session)
        let done = toy.submit("/page", "text=a&once=1&csrf=\(good)", cookie: cookie)
        #expect(done.status == 303)
        #expect(done.header("location") == "/page")
        #expect(try toy.notes == 1)
    }

    @Test("A form's token is made with a key derived from the secret; one made with the secret itself still counts")
    func formerKey() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let cookie = "popug_session=\(try toy.token("boss", session: session))"
        func token(_ secret: UInt8) -> String {
            let key = SymmetricKey(data: [UInt8](repeating: secret, count: 32))
            let code = HMAC<SHA256>.authenticationCode(for: Array("session:\(session)".utf8), using: key)
            return Base64URL.encode(Array(code.prefix(18)))
        }
        #expect(toy.context.forms.token(session: session) != token(7))
        #expect(toy.submit("/page", "text=a&once=1&csrf=\(token(7))", cookie: cookie).status == 303)
        #expect(toy.submit("/page", "text=a&once=2&csrf=\(token(8))", cookie: cookie).status == 403)
        #expect(try toy.notes == 1)
    }

    @Test("A request that another site made is refused, whatever it carries")
    func origin() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let cookie = "popug_session=\(try toy.token("boss", session: session))"
        let fields = "text=a&once=1&csrf=\(toy.context.forms.token(session: session))"
        #expect(toy.submit("/page", fields, cookie: cookie, origin: "https://evil.example").status == 403)
        #expect(toy.submit("/page", fields, cookie: cookie, origin: "null").status == 403)
        #expect(toy.submit("/page", fields, cookie: cookie, site: "cross-site").status == 403)
        #expect(try toy.notes == 0)
        #expect(
            toy.submit("/page", fields, cookie: cookie, origin: "http://localhost:8080", site: "same-origin").status
                == 303)
        // A program's interface, called with a browser's cookie.
        var request = try toy.note(#"{"text":"x"}"#)
        request.headers.authorization = nil
        request.headers.cookie = cookie
        request.headers.origin = "https://evil.example"
        #expect(toy.entrance.runNow(request).status == 403)
    }

    @Test("An anonymous form is bound to a cookie of its browser")
    func anonymous() throws {
        let toy = try WebToy()
        let page = try toy.get("/page")
        let cookie = try #require(page.header("set-cookie")?.split(separator: ";").first.map(String.init))
        #expect(cookie.hasPrefix("popug_form="))
        let text = page.text
        let start = try #require(text.firstRange(of: "id=\"csrf\">")).upperBound
        let csrf = String(text[start...].prefix { $0 != "<" })
        #expect(toy.submit("/sign-in", "csrf=\(csrf)&token=abc", cookie: cookie).status == 303)
        #expect(toy.submit("/sign-in", "csrf=\(csrf)&token=abc", cookie: "popug_form=other").status == 403)
        #expect(toy.submit("/sign-in", "csrf=&token=abc", cookie: cookie).status == 403)
        #expect(toy.submit("/sign-in", "csrf=\(csrf)&token=abc", cookie: "").status == 403)
    }

    @Test("A form sent twice is done once")
    func once() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let cookie = "popug_session=\(try toy.token("boss", session: session))"
        let csrf = toy.context.forms.token(session: session)
        for _ in 0..<3 {
            let done = toy.submit("/page", "text=a&once=u1&csrf=\(csrf)", cookie: cookie)
            #expect(done.status == 303)
            #expect(done.header("location") == "/page")
        }
        #expect(try toy.notes == 1)
        #expect(toy.submit("/page", "text=b&once=u1&csrf=\(csrf)", cookie: cookie).status == 422)
        #expect(toy.submit("/page", "text=b&csrf=\(csrf)", cookie: cookie).status == 400)
        #expect(toy.submit("/page", "text=wrong&once=u2&csrf=\(csrf)", cookie: cookie).status == 422)
        #expect(try toy.notes == 1)
        #expect(toy.submit("/page", "text=right&once=u2&csrf=\(csrf)", cookie: cookie).status == 303)
    }

    @Test("A cookie is not for scripts nor other sites, and only for https where the company has it")
    func cookies() throws {
        let plain = try WebToy()
        let header = try #require(try plain.get("/page").header("set-cookie"))
        #expect(header.contains("; HttpOnly; SameSite=Lax"))
        #expect(!header.contains("Secure"))
        let test = Company.test()
        let secure = try WebToy(
            company: Company(
                installation: test.installation, name: test.name, currency: test.currency, calendar: test.calendar,
                publicAddress: "https://popug.example"))
        #expect(try #require(try secure.get("/page").header("set-cookie")).hasSuffix("; Secure"))
    }
}
