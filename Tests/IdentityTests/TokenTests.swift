import CrackDriver
import Directory
import Foundation
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("X66: programs' tokens, fresh proofs and passwords", .onEachDatabase)
struct TokenTests {
    private let bench: IdentityFixture

    init() throws {
        bench = try IdentityFixture()
    }

    private func token(_ scopes: String? = nil, of person: ID? = nil) throws -> String {
        let more = scopes.map { #", "scopes": [\#($0)]"# } ?? ""
        let made = bench.admin(
            "POST", "/api/people/\(person ?? bench.admin.id)/tokens", #"{"name": "robot"\#(more)}"#)
        return try bench.field("token", made)
    }

    private static let everyScope = #""tasks", "money", "people", "operations""#

    private func creation(_ name: String, by token: String) -> WebResponse {
        bench.ask(
            "POST", "/api/people",
            #"{"name": "\#(name)", "email": "\#(name.lowercased())@popug.test", "roles": ["employee"]}"#, token: token)
    }

    @Test("A token may only read, unless it was said otherwise")
    func readOnly() throws {
        let (plain, other, wide) = (try token(), try token(#""tasks", "money""#), try token(#""people""#))
        for token in [plain, other, wide] { #expect(bench.ask("GET", "/api/people", token: token).status == 200) }
        for token in [plain, other] {
            let refused = creation("Boris", by: token)
            #expect(refused.status == 403)
            #expect(refused.text.contains("web.scope") && refused.text.contains("--scopes people"))
        }
        #expect(creation("Boris", by: wide).status == 201)
        // A form sent with it is no way round.
        let form = bench.entrance.runNow(
            WebRequest(
                "POST", "/people/\(bench.admin.id)/active",
                headers: .init(authorization: "Bearer \(plain)", contentType: "application/x-www-form-urlencoded"),
                body: Array("once=1&active=0".utf8)))
        #expect(form.status == 403)
        #expect(creation("Carl", by: try bench.token()).status == 201)
    }

    @Test("A token gives no other more than it has, and there are no other scopes")
    func noWider() throws {
        let path = "/api/people/\(bench.admin.id)/tokens"
        let (people, every) = (try token(#""people""#), try token(TokenTests.everyScope))
        let narrow = #"{"name": "x", "scopes": ["people"]}"#
        #expect(bench.ask("POST", path, narrow, token: people).status == 403)
        #expect(bench.ask("POST", path, narrow, token: every).status == 201)
        #expect(bench.admin("POST", path, #"{"name": "x", "scopes": ["everything"]}"#).status == 422)
        let (commands, environment, admin) = (bench.service.commands, bench.clock.environment, bench.admin.id)
        #expect(throws: Problem(403, "identity.scopes-wider")) {
            try bench.database.write {
                _ = try commands.createToken(
                    for: admin, name: "x", days: 1, scopes: ["people", "money"], granting: ["people"],
                    CommandContext($0, environment: environment, trace: "x", by: admin))
            }
        }
    }

    @Test("The scope people gives nobody a way in: for that a program's token needs every scope")
    func waysIn() throws {
        let id = try bench.person("Boris", password: "a long password")
        let (people, every) = (try token(#""people""#), try token(TokenTests.everyScope))
        let most = try token(#""tasks", "money", "people""#)
        let new = #"{"name": "Eve", "email": "eve@popug.test", "roles": ["admin"], "password": "a way in for Eve"}"#
        let requests: [(String, String, String?, Int)] = [
            ("POST", "/api/people", new, 201),
            ("POST", "/api/people", #"{"name": "Ida", "email": "ida@popug.test", "roles": ["admin"]}"#, 201),
            ("PATCH", "/api/people/\(id)", #"{"email": "eve.two@popug.test"}"#, 200),
            ("PATCH", "/api/people/\(id)", #"{"name": "Boris", "roles": ["employee", "admin"]}"#, 200),
            ("POST", "/api/people/\(id)/welcome-links", nil, 201),
            ("POST", "/api/people/\(id)/tokens", #"{"name": "x"}"#, 201),
            ("PUT", "/api/people/\(id)/password", #"{"password": "a way in for Eve"}"#, 204),
        ]
        for (method, path, json, status) in requests {
            for token in [people, most] {
                let refused = bench.ask(method, path, json, token: token)
                #expect(refused.status == 403, "\(method) \(path)")
                #expect(
                    refused.text.contains("web.scope.all") && refused.text.contains("tasks,money,people,operations"))
            }
            #expect(bench.ask(method, path, json, token: every).status == status, "\(method) \(path)")
        }
        let forms = [
            ("/people", "name=Max&email=max@popug.test&role-admin=1"),
            ("/people/\(id)/details", "name=Boris&email=max@popug.test"), ("/people/\(id)/roles", "role-admin=1"),
            ("/people/\(id)/password", "password=a+way+in+for+Max"), ("/people/\(id)/link", ""),
            ("/people/\(id)/tokens", "name=x&days=1"),
        ]
        for (path, fields) in forms {
            let headers = WebRequest.Headers(
                authorization: "Bearer \(people)", contentType: "application/x-www-form-urlencoded")
            let body = Array("once=1&\(fields)".utf8)
            #expect(
                bench.entrance.runNow(WebRequest("POST", path, headers: headers, body: body)).status == 403, "\(path)")
        }
        #expect(try bench.events("person-registered").count == 4)
    }

    @Test("With the scope people a program registers employees, renames and deactivates them, and ends their sessions")
    func peopleOnly() throws {
        let people = try token(#""people""#)
        #expect(creation("Boris", by: people).status == 201)
        let id = try bench.person("Carl", password: "a long password")
        for body in [#"{"name": "Carlos"}"#, #"{"active": false}"#, #"{"active": true}"#] {
            #expect(bench.ask("PATCH", "/api/people/\(id)", body, token: people).status == 200, "\(body)")
        }
        let batch = #"{"people": [{"external": "dora"}]}"#
        #expect(bench.ask("POST", "/api/people/batches", batch, token: people).status == 200)
        #expect(bench.ask("DELETE", "/api/people/\(id)/sessions", token: people).status == 204)
    }

    @Test("Tokens from before there were scopes may what they might, and the list says so")
    func older() throws {
        let session = bench.clock.environment.newID()
        let (admin, now) = (bench.admin.id, bench.clock.now)
        try bench.database.write { transaction in
            try transaction.send(
                """
                INSERT INTO identity_session (id, person, kind, name, address, created_at, until)
                VALUES (\(session), \(admin), 'program', 'old', '', \(now), \(now.adding(seconds: 86_400)))
                """)
        }
        let list = bench.admin("GET", "/api/people/\(admin)/sessions").text
        #expect(list.contains("\"old\"") && !list.contains("\"scopes\""))
        #expect(bench.admin("GET", "/people/\(admin)").text.contains("everything, from before version 0.5.0"))
        _ = try token()
        #expect(bench.admin("GET", "/api/people/\(admin)/sessions").text.contains("\"scopes\":[]"))
    }

    @Test("A new password ends every token, whoever sets it", arguments: ["admin", "self", "link"])
    func passwordEnds(who: String) throws {
        let id = try bench.person("Boris", password: "a long password")
        let person = try #require(ID(id))
        let program = try token(of: person)
        #expect(bench.ask("GET", "/api/me", token: program).status == 200)
        let session = try bench.field("token", bench.signIn("boris@popug.test", "a long password"))
        switch who {
        case "admin":
            #expect(
                bench.admin("PUT", "/api/people/\(id)/password", #"{"password": "quite another one"}"#).status == 204)
        case "self":
            let body = #"{"present": "a long password", "new": "quite another one"}"#
            #expect(bench.ask("PUT", "/api/me/password", body, token: session).status == 204)
        default:
            let path = try bench.field("path", bench.admin("POST", "/api/people/\(id)/welcome-links"))
            let page = bench.ask("GET", path)
            let cookie = try #require(page.headers.first { $0.name == "set-cookie" }?.value.before(";"))
            let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1)
            let done = bench.entrance.runNow(
                WebRequest(
                    "POST", path,
                    headers: .init(cookie: cookie, contentType: "application/x-www-form-urlencoded"),
                    body: Array("csrf=\(csrf)&password=quite+another+one".utf8)))
            #expect(done.status == 303)
        }
        #expect(bench.ask("GET", "/api/me", token: program).status == 401)
        // The browser in which it was changed stays; every other is out.
        #expect(bench.ask("GET", "/api/me", token: session).status == (who == "self" ? 200 : 401))
        let told = try bench.events("access-changed")
        #expect(told.contains { $0.contains("\"password\"") } && told.contains { $0.contains("\"tokens-ended\"") })
    }

    @Test("A token that sets its own person's password ends with it")
    func ownPassword() throws {
        let token = try token(TokenTests.everyScope)
        let path = "/api/people/\(bench.admin.id)/password"
        #expect(bench.ask("PUT", path, #"{"password": "quite another one"}"#, token: token).status == 204)
        #expect(bench.ask("GET", "/api/me", token: token).status == 401)
    }

    @Test("Sessions and tokens show when they were last used, once that was handed over")
    func lastUse() throws {
        let uses = SessionUses()
        let session = bench.clock.environment.newID()
        uses.note(session, at: bench.clock.now)
        #expect(uses.take() == [session: bench.clock.now])
        let first = bench.clock.now
        // Once a minute is often enough.
        bench.clock.advance(seconds: 30)
        uses.note(session, at: bench.clock.now)
        #expect(uses.take().isEmpty)
        bench.clock.advance(seconds: 31)
        uses.note(session, at: bench.clock.now)
        uses.putBack([session: first])
        #expect(uses.take() == [session: bench.clock.now])

        let id = try #require(ID(try bench.field("id", bench.signIn())))
        let (commands, now) = (bench.service.commands, bench.clock.now)
        #expect(!bench.admin("GET", "/api/sessions").text.contains("\"used\""))
        try bench.database.write { try commands.noteUses([id: now], now: now, in: $0) }
        // What another process saw earlier comes later.
        try bench.database.write { try commands.noteUses([id: first], now: now, in: $0) }
        #expect(bench.admin("GET", "/api/sessions").text.contains("\"used\":\"\(now)\""))
        #expect(bench.admin("GET", "/me").text.contains("last used"))
    }

    @Test("What changes a way in is told in an event, with who did it; names are not")
    func told() throws {
        let id = try bench.person("Boris", password: "a long password")
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"name": "Borislav"}"#)
        #expect(try bench.events("access-changed").isEmpty)
        _ = bench.admin(
            "PATCH", "/api/people/\(id)", #"{"email": "boris@elsewhere.test", "roles": ["employee", "manager"]}"#)
        _ = bench.admin("POST", "/api/people/\(id)/welcome-links")
        // The first way in of an account is told by the letter about the account.
        _ = bench.admin("POST", "/api/people/\(try bench.person("Carl"))/welcome-links")
        _ = try token(of: ID(id)!)
        let events = try bench.events("access-changed")
        let told = events.filter { !$0.contains("\"told\":false") }
        #expect(told.count == 4 && events.count == 5)
        #expect(told[0].contains("boris@popug.test") && told[0].contains("boris@elsewhere.test"))
        #expect(told[1].contains("employee, manager"))
        #expect(told.allSatisfy { $0.contains(bench.admin.id.description) })
        // No credential travels.
        #expect(told.allSatisfy { !$0.contains("/welcome/") && !$0.contains("eyJ") })
    }
}

@Suite("X28: a fresh proof of who one is", .onEachDatabase)
struct ConfirmTests {
    private func form(_ bench: IdentityFixture, _ path: String, _ body: String, token: String) throws -> WebResponse {
        let cookie = "\(EndpointRunner.sessionCookie)=\(token)"
        let page = bench.entrance.runNow(WebRequest("GET", "/confirm?next=/people", headers: .init(cookie: cookie)))
        let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1)
        return bench.entrance.runNow(
            WebRequest(
                "POST", path, headers: .init(cookie: cookie, contentType: "application/x-www-form-urlencoded"),
                body: Array("csrf=\(csrf)&next=/people&\(body)".utf8)))
    }

    private func claims(_ token: String, _ bench: IdentityFixture) throws -> Token.Claims {
        let keys = try bench.database.read { try Directory.keys(in: $0) }
        return try Token.verify(
            token, keys: Dictionary(uniqueKeysWithValues: keys.map { ($0.id, $0.publicKey) }), now: bench.clock.now)
    }

    @Test("The password gives the session a new token that says when; a wrong one is counted as a sign-in is")
    func confirm() throws {
        let bench = try IdentityFixture()
        let token = try bench.token()
        let began = bench.clock.now.seconds
        bench.clock.advance(seconds: 3600)
        #expect(try form(bench, "/confirm", "password=wrong", token: token).status == 422)
        let done = try form(bench, "/confirm", "password=correct+horse+battery", token: token)
        #expect(done.status == 303 && done.header("location") == "/people")
        let cookie = try #require(
            done.headers.first { $0.name == "set-cookie" && $0.value.begins(with: "popug_session=") }?.value)
        let renewed = String(cookie.before(";").dropFirst("popug_session=".count))
        let (old, new) = (try claims(token, bench), try claims(renewed, bench))
        #expect(old.proven?.seconds == began && new.proven?.seconds == bench.clock.now.seconds)
        #expect(old.session == new.session && old.expires == new.expires)
        for _ in 1...30 { _ = try form(bench, "/confirm", "password=wrong", token: renewed) }
        #expect(try form(bench, "/confirm", "password=correct+horse+battery", token: renewed).status == 429)
    }

    @Test("A program's token has no proof, and gets none")
    func program() throws {
        let bench = try IdentityFixture()
        let made = bench.admin(
            "POST", "/api/people/\(bench.admin.id)/tokens", #"{"name": "robot", "scopes": ["people", "money"]}"#)
        let token = try bench.field("token", made)
        #expect(try claims(token, bench).proven == nil)
        let refused = try form(bench, "/confirm", "password=correct+horse+battery", token: token)
        #expect(refused.status == 403 && !refused.headers.contains { $0.value.begins(with: "popug_session=") })
    }

    @Test("Who has no password is told so")
    func withoutPassword() throws {
        let bench = try IdentityFixture()
        let id = try #require(ID(try bench.person("Boris")))
        let page = bench.entrance.runNow(WebRequest("GET", "/confirm", credential: .local(id)))
        #expect(page.status == 200 && page.text.contains("You have no password yet"))
    }
}

@Suite("Passwords that are guessed first (M12)")
struct GuessedPasswordTests {
    @Test(
        "Words, rows of keys and what is hardly changed are refused",
        arguments: [
            "password123", "1234567890", "aaaaaaaaaa", "qwertyuiop", "abcdefghij", "1q2w3e4r5t", "iloveyou11",
            "Summer2026!", "p4ssw0rd!!", "!!!password!!!", "letmein-2026",
        ])
    func guessed(password: String) {
        #expect(GuessedPasswords.areKnown)
        #expect(GuessedPasswords.contains(password))
    }

    @Test(
        "Several words, another alphabet and long ones are taken",
        arguments: [
            "correct horse battery", "popug-demo-2026", "a long password", "новый длинный пароль", "tr0ub4dor&3x",
            String(repeating: "longer than any buffer ", count: 8), "parrots 🦜🦜 and cats 🐈",
        ])
    func taken(password: String) {
        #expect(!GuessedPasswords.contains(password))
    }

    @Test("Many at once do not disturb each other: the library has one buffer")
    func atOnce() async {
        let right = await withTaskGroup(of: Bool.self) { group in
            for index in 0..<200 {
                group.addTask {
                    let guessed = index % 2 == 0
                    return GuessedPasswords.contains(guessed ? "password123" : "correct horse \(index)") == guessed
                }
            }
            return await group.allSatisfy { $0 }
        }
        #expect(right)
    }

    @Test(
        "A password that is hardly more than a name is refused",
        arguments: [
            ("popug-root1", true), ("Boris-Popug-1", true), ("boris@popug.test", true), ("TestCompany2026", true),
            ("Boris likes long trees", false), ("popug-demo-2026", false),
        ])
    func names(password: String, isRefused: Bool) throws {
        let rules = PasswordRules(company: "Test Company", isGuessed: { _ in false })
        let person = Person(
            id: ID(high: 1, low: 1), name: "Boris", email: "boris@popug.test", roles: [], active: true)
        if isRefused {
            #expect(throws: Problem(422, "identity.password-own", field: "password")) {
                try rules.checked(password, of: person)
            }
        } else {
            #expect(try rules.checked(password, of: person) == password)
        }
    }

    @Test("Pages and programs are told so at the field")
    func told() throws {
        var settings = IdentitySettings.quick
        settings.isGuessed = { $0 == "password123" }
        let bench = try IdentityFixture(settings: settings)
        let id = try bench.person("Boris", password: "a long password")
        let refused = bench.admin("PUT", "/api/people/\(id)/password", #"{"password": "password123"}"#)
        #expect(refused.status == 422 && refused.text.contains("password-guessable"))
        let page = bench.entrance.runNow(
            WebRequest(
                "POST", "/people/\(id)/password", headers: .init(contentType: "application/x-www-form-urlencoded"),
                body: Array("password=password123".utf8), credential: .local(bench.admin.id)))
        #expect(page.status == 422 && page.text.contains("guessed first"))
    }
}
