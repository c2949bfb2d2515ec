import Contracts
import Directory
import Foundation
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Links that sign in", .onEachDatabase)
struct LinkTests {
    private static let settings: IdentitySettings = {
        var settings = IdentitySettings.quick
        settings.links = true
        return settings
    }()

    /// A form as a browser sends it that is not signed in.
    private func post(
        _ bench: IdentityFixture, _ path: String, _ form: String, address: String = "10.0.0.1", agent: String? = nil,
        cookies: String = ""
    ) -> WebResponse {
        let guardian = FormGuard(secret: IdentityFixture.secret, publicAddress: bench.company.publicAddress)
        var request = WebRequest(
            "POST", path,
            headers: .init(
                cookie: "\(FormGuard.cookie)=browser" + cookies, contentType: "application/x-www-form-urlencoded"),
            body: Array("\(form)&csrf=\(guardian.token(anonymous: "browser"))".utf8))
        request.address = address
        request.headers.userAgent = agent
        return bench.entrance.runNow(request)
    }

    private func ask(_ bench: IdentityFixture, _ email: String, address: String = "10.0.0.1") -> WebResponse {
        post(bench, "/sign-in/link", "email=\(email.replacing("@", with: "%40"))&next=%2Faccount", address: address)
    }

    /// The question of the Mailer about the last letter that was asked for.
    private func asked(_ bench: IdentityFixture, at address: String = "anna@popug.test") throws -> LinkAsked {
        let event = try #require(try bench.events(SignInLinkAsked.name).last)
        let fields = try #require(
            try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: String])
        let (ask, person) = (ID(fields["ask"] ?? ""), ID(fields["person"] ?? ""))
        return LinkAsked(ask: try #require(ask), person: try #require(person), address: address, next: fields["next"])
    }

    /// What Identity answers to the Mailer that sends a letter.
    private func made(_ bench: IdentityFixture, _ asked: LinkAsked) throws -> String? {
        let asker = AnsweringAsker()
        asker.set(bench.entrance)
        return try asker.ask(IdentityQuestions.link, of: "identity", asked).path
    }

    private func link(_ bench: IdentityFixture, _ email: String = "anna@popug.test") throws -> String {
        #expect(ask(bench, email).status == 303)
        return try #require(try made(bench, try asked(bench, at: email)))
    }

    private func use(_ bench: IdentityFixture, _ link: String) -> WebResponse {
        post(bench, link.components(separatedBy: "?")[0], "next=%2Faccount")
    }

    @Test("S8: a link is made when its letter is sent, and signs in once; no event and no row has it")
    func once() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let link = try link(bench)
        #expect(link.hasPrefix("/sign-in/link/") && link.hasSuffix("?next=%2Faccount"))
        let page = bench.ask("GET", link)
        #expect(page.status == 200 && page.text.contains("Anna") && page.text.contains(#"value="/account""#))
        // Looking at the page does not use it up.
        #expect(bench.ask("GET", link).status == 200)
        let done = use(bench, link)
        #expect(done.status == 303 && done.header("location") == "/account")
        #expect(done.headers.contains { $0.name == "set-cookie" && $0.value.hasPrefix("popug_session=") })
        #expect(use(bench, link).status == 404 && bench.ask("GET", link).status == 404)
        let ways: String? = try bench.database.read { try $0.value("SELECT ways FROM identity_session") }
        #expect(ways == "link")
        let secret = String(link.dropFirst("/sign-in/link/".count).prefix(40))
        let kept = try bench.database.read { transaction in
            try transaction.fetch("SELECT data FROM journal").map {
                String(decoding: try $0(0, as: [UInt8].self), as: UTF8.self)
            }
        }
        #expect(!kept.contains { $0.contains(secret) })
        #expect(try bench.problems().isEmpty)
    }

    @Test("A link that an admin hands out signs in once, although links by letter are off; the person is told")
    func handedOut() throws {
        let bench = try IdentityFixture()
        let boris = try bench.person("Boris")
        let made = bench.admin("POST", "/api/people/\(boris)/sign-in-links")
        #expect(made.status == 201)
        let path = try bench.field("path", made)
        #expect(path.hasPrefix("/sign-in/link/"))
        #expect(try bench.field("address", made) == bench.company.publicAddress + path)
        #expect(try bench.told("sign-in-link").count == 1)
        #expect(bench.ask("GET", path).text.contains("Boris"))
        #expect(use(bench, path).status == 303)
        #expect(use(bench, path).status == 404)
        #expect(try bench.ways() == ["link"])
        // Not for long, and not for somebody who is gone.
        let late = try bench.field("path", bench.admin("POST", "/api/people/\(boris)/sign-in-links"))
        bench.clock.advance(seconds: 901)
        #expect(use(bench, late).status == 404)
        #expect(bench.admin("PATCH", "/api/people/\(boris)", #"{"active": false}"#).status == 200)
        #expect(bench.admin("POST", "/api/people/\(boris)/sign-in-links").status == 409)
    }

    @Test("S8: two letters with the same link, as after a crash, sign in once together")
    func together() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let first = try link(bench)
        bench.clock.advance(seconds: 5)
        let second = try #require(try made(bench, try asked(bench)))
        #expect(first != second)
        #expect(use(bench, second).status == 303)
        #expect(use(bench, first).status == 404)
        #expect(try made(bench, try asked(bench)) == nil)
    }

    @Test("S8: a link works for 15 minutes after its letter was sent", arguments: [(899, 303), (900, 404)])
    func late(seconds: Int, status: Int) throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        _ = ask(bench, "anna@popug.test")
        // However long the letter waited.
        bench.clock.advance(seconds: 7200)
        let link = try #require(try made(bench, try asked(bench)))
        bench.clock.advance(seconds: Int64(seconds))
        #expect(use(bench, link).status == status)
    }

    @Test("S8: asking says the same whether or not the address is known, and writes nothing about a stranger")
    func unknown() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let (known, stranger) = (ask(bench, "anna@popug.test"), ask(bench, "nobody@popug.test"))
        #expect(known.status == 303 && stranger.status == 303)
        #expect(known.header("location") == stranger.header("location"))
        #expect(try bench.events(SignInLinkAsked.name).count == 1)
        #expect(ask(bench, "no address").status == 422)
    }

    @Test("S8: asking is limited for a mail address from everywhere, and for a network over all addresses")
    func limits() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let first = (0..<8).map { ask(bench, "anna@popug.test", address: "10.1.\($0).1").status }
        #expect(first.contains(429))
        #expect(try bench.events(SignInLinkAsked.name).count < 8)
        let strangers = (0..<30).map { ask(bench, "x\($0)@popug.test", address: "10.9.0.1").status }
        #expect(strangers.contains(429) && strangers.first == 303)
        // It delays no sign-in.
        #expect(bench.signIn(address: "10.9.0.1").status == 201)
    }

    @Test("X7: a link is for the address that it was sent to, and for somebody active")
    func changed() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let id = try bench.person("Boris")
        let link = try link(bench, "boris@popug.test")
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"email": "other@popug.test"}"#)
        #expect(use(bench, link).status == 404)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"email": "boris@popug.test"}"#)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"active": false}"#)
        #expect(use(bench, link).status == 404)
        _ = bench.admin("PATCH", "/api/people/\(id)", #"{"active": true}"#)
        #expect(use(bench, link).status == 303)
    }

    @Test("A link is taken only as it was made: not with another person's id, another time, or for another purpose")
    func forged() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let link = try link(bench).components(separatedBy: "?")[0]
        let bytes = try #require(Base64URL.decode(String(link.dropFirst("/sign-in/link/".count))))
        for place in [0, 15, 16, 31, 39, 40, 71] {
            var changed = bytes
            changed[place] ^= 1
            #expect(use(bench, "/sign-in/link/" + Base64URL.encode(changed)).status == 404)
        }
        #expect(use(bench, "/sign-in/link/AAAA").status == 404)
        #expect(bench.ask("GET", "/welcome/" + link.dropFirst("/sign-in/link/".count)).status == 404)
        #expect(use(bench, link).status == 303)
    }

    @Test("X60: no link is made for a letter to another address than the person's, whatever the Mailer's data say")
    func otherAddress() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        #expect(ask(bench, "anna@popug.test").status == 303)
        #expect(try made(bench, try asked(bench, at: "thief@popug.test")) == nil)
        #expect(try made(bench, try asked(bench, at: "Anna@POPUG.test")) != nil)
    }

    @Test("X65: a link of the future is refused, so a clock that was ahead brings none back")
    func future() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        bench.clock.advance(seconds: 86_400)
        let link = try link(bench)
        bench.clock.advance(seconds: -86_400)
        #expect(use(bench, link).status == 404)
    }

    @Test("X60: after a backup was put back, no link from before is taken: it may have been used since")
    func restored() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let link = try link(bench)
        bench.clock.advance(seconds: 1)
        let service = bench.service
        let now = bench.clock.now
        try bench.database.write { try service.restored(in: $0, at: now) }
        try service.prepare(bench.database, bench.clock.environment)
        #expect(use(bench, link).status == 404)
    }

    @Test("Where links are off there is no way to ask, and a link that was made before signs nobody in")
    func off() throws {
        let bench = try IdentityFixture()
        #expect(ask(bench, "anna@popug.test").status == 404)
        #expect(!bench.ask("GET", "/sign-in").text.contains("/sign-in/link"))
        #expect(
            try made(
                bench,
                LinkAsked(
                    ask: bench.clock.environment.newID(), person: bench.admin.id, address: "anna@popug.test", next: nil)
            ) == nil)
    }

    @Test("The page offers first what this browser used last")
    func first() throws {
        let bench = try IdentityFixture(settings: LinkTests.settings)
        let form = { (cookie: String) in
            bench.entrance.runNow(WebRequest("GET", "/sign-in", headers: .init(cookie: cookie))).text
        }
        #expect(form("").contains(#"action="/sign-in""#))
        #expect(form("popug_way=link").contains(#"action="/sign-in/link""#))
        #expect(form("popug_way=anything").contains(#"action="/sign-in""#))
        let passkey = form("popug_way=passkey")
        let places = try (
            #require(passkey.firstRange(of: "data-passkey")), #require(passkey.firstRange(of: #"id="email""#))
        )
        #expect(places.0.lowerBound < places.1.lowerBound)
        let used = use(bench, try link(bench))
        #expect(used.headers.contains { $0.name == "set-cookie" && $0.value.hasPrefix("popug_way=link;") })
    }
}
