import Directory
import Foundation
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Passkeys", .onEachDatabase)
struct PasskeyTests {
    private let bench: IdentityFixture
    private let boris: String
    private let browser: PasskeyBrowser
    private static let email = "boris@popug.test"
    private static let password = "a long password"

    init() throws {
        bench = try IdentityFixture()
        boris = try bench.person("Boris", password: PasskeyTests.password)
        browser = PasskeyBrowser(bench)
    }

    private func prepare() throws { try browser.prepare(PasskeyTests.email, PasskeyTests.password) }

    private func passkeyIDs() throws -> [String] {
        try bench.database.read { transaction in
            try transaction.fetch("SELECT id FROM identity_passkey ORDER BY id").map {
                try $0(0, as: ID.self).description
            }
        }
    }

    @Test("X6: a passkey is made, named, and signs in without an address")
    func signIn() throws {
        #expect(try browser.signIn(PasskeyTests.email, PasskeyTests.password).status == 303)
        #expect(try browser.make("Мой ноутбук").status == 303)
        let page = browser.get("/me").text
        #expect(page.contains("<bdi>Мой ноутбук</bdi>") && page.contains("backed up"))
        try browser.signOut()
        let done = try browser.signInWithPasskey()
        #expect(done.status == 303 && done.header("location") == "/me" && browser.isSignedIn)
        #expect(try bench.ways() == ["password", "passkey"])
        let kept = try bench.database.read { try $0.fetchOne("SELECT counter, used_at FROM identity_passkey") }
        let row = try #require(kept)
        let (counter, used): (Int64, Instant) = (try row(0), try row(1))
        #expect(counter == 6 && used == bench.clock.now)
        #expect(try bench.told("passkey").contains { $0.contains("Мой ноутбук") })
        #expect(bench.admin("GET", "/people/\(boris)").text.contains("Passkey made: <bdi>Мой ноутбук</bdi>"))
        let list = bench.admin("GET", "/api/people/\(boris)/passkeys").text
        #expect(list.contains("Мой ноутбук") && list.contains(#""works":true"#))
        let id = try passkeyIDs()[0]
        #expect(try browser.post("/me/passkeys/\(id)/name", ["name": "Laptop"]).status == 303)
        #expect(browser.get("/me").text.contains("<bdi>Laptop</bdi>"))
        #expect(try browser.post("/me/passkeys/\(id)/name", ["name": " "]).status == 422)
        #expect(try bench.problems().isEmpty)
    }

    @Test("X6: an answer works once, and not after five minutes")
    func once() throws {
        _ = try browser.signIn(PasskeyTests.email, PasskeyTests.password)
        try browser.read(browser.options(browser.get("/me/passkeys/new"), to: "create"))
        let made = ["name": "Laptop", "response": try browser.registration()]
        #expect(try browser.post("/me/passkeys", made).status == 303)
        browser.keys.id[0] ^= 1
        let again = ["name": "Laptop", "response": try browser.registration()]
        #expect(try browser.post("/me/passkeys", again).status == 422)
        browser.keys.id[0] ^= 1
        // A challenge for making one is none for using one.
        try browser.read(browser.options(browser.get("/me/passkeys/new"), to: "create"))
        try browser.signOut()
        #expect(try browser.post("/sign-in/passkey", ["response": browser.assertion()]).status == 401)
        try browser.askForOptions()
        let answer = ["response": try browser.assertion()]
        #expect(try browser.post("/sign-in/passkey", answer).status == 303)
        try browser.signOut()
        let replayed = try browser.post("/sign-in/passkey", answer)
        #expect(replayed.status == 401 && replayed.text.contains("The passkey was not accepted"))
        try browser.askForOptions()
        bench.clock.advance(seconds: 301)
        #expect(try browser.post("/sign-in/passkey", ["response": browser.assertion()]).status == 401)
        #expect(try browser.signInWithPasskey().status == 303)
    }

    @Test("X6: what was made for another site is refused, and so is what is no answer at all")
    func origin() throws {
        try prepare()
        browser.keys.origin = "http://localhost:8081"
        #expect(try browser.signInWithPasskey().status == 401)
        browser.keys.origin = bench.company.publicAddress
        browser.keys.domain = "evil.example"
        #expect(try browser.signInWithPasskey().status == 401)
        browser.keys.domain = "localhost"
        browser.keys.flags = 0b1_1001
        #expect(try browser.signInWithPasskey().status == 401, "nobody was verified")
        browser.keys.flags = 0b1_1101
        #expect(try browser.post("/sign-in/passkey", ["response": "{}"]).status == 401)
        #expect(try browser.signInWithPasskey().status == 303)
        browser.keys.id[0] ^= 1
        browser.keys.origin = "http://localhost:8081"
        #expect(try browser.make().status == 422)
        #expect(try passkeyIDs().count == 1)
    }

    @Test("X6: a passkey whose counter goes back lets nobody in until it is removed; person and admins are told")
    func cloned() throws {
        try prepare()
        #expect(try browser.signInWithPasskey().status == 303)
        try browser.signOut()
        let copy = browser.keys.counter
        #expect(try browser.signInWithPasskey(counting: false).status == 401)
        #expect(!browser.isSignedIn)
        let told = try bench.told("passkey-suspect")
        #expect(told.count == 1 && told[0].contains("\"also\":[\"\(bench.admin.id)\"]") && told[0].contains(boris))
        #expect(bench.admin("GET", "/people/\(boris)").text.contains("may have been copied: <bdi>Laptop</bdi>"))
        browser.keys.counter = copy + 10
        #expect(try browser.signInWithPasskey().status == 401)
        #expect(try bench.told("passkey-suspect").count == 1, "it is said once")
        _ = try browser.signIn(PasskeyTests.email, PasskeyTests.password)
        #expect(browser.get("/me").text.contains("may have been copied"))
        #expect(try browser.make().status == 422, "it is still there")
        let id = try passkeyIDs()[0]
        #expect(browser.get("/me/passkeys/\(id)").text.contains("Remove the passkey “Laptop”?"))
        #expect(try browser.post("/me/passkeys/\(id)").status == 303)
        #expect(try bench.told("passkey-removed").count == 1)
        #expect(try browser.make().status == 303)
        try browser.signOut()
        #expect(try browser.signInWithPasskey().status == 303)
        #expect(try bench.problems().isEmpty)
    }

    @Test("X6: nobody takes another's credential, or signs in as another with their own")
    func others() throws {
        try prepare()
        let anna = PasskeyBrowser(bench)
        anna.address = "10.0.0.2"
        _ = try anna.signIn("anna@popug.test")
        #expect(try anna.make().status == 422, "the id is Boris's")
        anna.keys.id = [UInt8](repeating: 9, count: 16)
        anna.keys.privateKey = [UInt8](repeating: 9, count: 32)
        #expect(try anna.make().status == 303)
        try anna.signOut()
        let own = anna.keys.userHandle
        for handle in [browser.keys.userHandle, nil] {
            anna.keys.userHandle = handle
            #expect(try anna.signInWithPasskey().status == 401)
        }
        anna.keys.userHandle = browser.keys.userHandle
        anna.keys.id = browser.keys.id
        #expect(try anna.signInWithPasskey().status == 401, "another key")
        anna.keys.id = [UInt8](repeating: 9, count: 16)
        anna.keys.userHandle = own
        #expect(try anna.signInWithPasskey().status == 303)
        // Nor does anybody but an admin see or remove another's.
        let token = try bench.field("token", bench.signIn(PasskeyTests.email, PasskeyTests.password))
        #expect(bench.ask("GET", "/api/people/\(bench.admin.id)/passkeys", token: token).status == 403)
        let annas = try passkeyIDs().last ?? ""
        #expect(bench.ask("DELETE", "/api/me/passkeys/\(annas)", token: token).status == 404)
        #expect(bench.ask("GET", "/api/me/passkeys", token: token).text.contains("Laptop"))
    }

    @Test("A person has at most twenty passkeys, with short names; a nameless one has the device's name")
    func limits() throws {
        _ = try browser.signIn(PasskeyTests.email, PasskeyTests.password)
        let long = try browser.make(String(repeating: "ж", count: 61))
        #expect(long.status == 422 && long.text.contains("1 to 60 characters"))
        for index in 1...20 {
            browser.keys.id = [UInt8](repeating: UInt8(index), count: 32)
            #expect(try browser.make(index == 1 ? "" : "Key \(index)").status == 303, "\(index)")
        }
        #expect(browser.get("/me").text.contains("<bdi>Passkey</bdi>"))
        #expect(!browser.get("/me").text.contains("href=\"/me/passkeys/new\""))
        browser.keys.id = [UInt8](repeating: 21, count: 32)
        #expect(try browser.make("One more").status == 409)
    }

    @Test("Nobody removes their own last way in, and an admin may, for somebody who has lost the device")
    func lastWay() throws {
        try prepare()
        let anna = bench.admin.id
        try bench.database.write { try $0.send("DELETE FROM identity_credential WHERE person <> \(anna)") }
        #expect(try browser.signInWithPasskey().status == 303)
        let id = try passkeyIDs()[0]
        let refused = try browser.post("/me/passkeys/\(id)")
        #expect(refused.status == 409 && refused.text.contains("This is your last way to sign in"))
        #expect(bench.admin("GET", "/people/\(boris)/passkeys/\(id)").text.contains("sign Boris in"))
        #expect(bench.admin("DELETE", "/api/people/\(boris)/passkeys/\(id)").status == 204)
        #expect(bench.admin("DELETE", "/api/people/\(boris)/passkeys/\(id)").status == 404)
        #expect(try passkeyIDs().isEmpty)
        try browser.signOut()
        #expect(try browser.signInWithPasskey().status == 401)
    }

    @Test("Making and removing ask for a fresh proof, which a passkey gives too")
    func proof() throws {
        try prepare()
        #expect(try browser.signInWithPasskey().status == 303)
        #expect(browser.get("/me/passkeys/new").status == 200)
        bench.clock.advance(seconds: 601)
        let id = try passkeyIDs()[0]
        for path in ["/me/passkeys/new", "/me/passkeys/\(id)", "/me/codes"] {
            #expect(browser.get(path).header("location")?.hasPrefix("/confirm?") == true, "\(path)")
        }
        let page = browser.get("/confirm?next=%2Fme%2Fcodes")
        #expect(page.text.contains(#"action="/confirm""#))
        try browser.read(browser.options(page, to: "get"))
        let answer = ["next": "/me/codes", "response": try browser.assertion()]
        // Made for this page, and not for signing in.
        let other = PasskeyBrowser(bench)
        #expect(try other.post("/sign-in/passkey", answer).status == 401)
        let done = try browser.post("/confirm/passkey", answer)
        #expect(done.status == 303 && done.header("location") == "/me/codes")
        #expect(browser.get("/me/codes").status == 200)
        #expect(try browser.post("/confirm/passkey", answer).status == 401)
    }

    @Test("X60: a passkey that was not stored by Identity for its person lets nobody in, and `verify` names it")
    func tampered() throws {
        try prepare()
        let id = try passkeyIDs()[0]
        // Boris's key in Anna's account.
        let anna = bench.admin.id
        try bench.database.write { try $0.send("UPDATE identity_passkey SET person = \(anna)") }
        browser.keys.userHandle = bench.admin.id.bytes
        #expect(try browser.signInWithPasskey().status == 401)
        let problems = try bench.problems()
        #expect(problems.count == 1 && problems[0].contains(id))
        #expect(bench.admin("GET", "/people/\(bench.admin.id)").text.contains("not stored by Popug"))
        #expect(bench.admin("DELETE", "/api/people/\(bench.admin.id)/passkeys/\(id)").status == 204)
        #expect(try bench.problems().isEmpty)
    }

    @Test("X7: who is deactivated does not get in with a passkey, and can after they are back")
    func deactivated() throws {
        try prepare()
        _ = bench.admin("PATCH", "/api/people/\(boris)", #"{"active": false}"#)
        #expect(try browser.signInWithPasskey().status == 401)
        _ = bench.admin("PATCH", "/api/people/\(boris)", #"{"active": true}"#)
        #expect(try browser.signInWithPasskey().status == 303)
        let (service, now) = (bench.service, bench.clock.now)
        try bench.database.write { try service.restored(in: $0, at: now) }
        try service.prepare(bench.database, bench.clock.environment)
        let later = PasskeyBrowser(bench)
        later.keys = browser.keys
        #expect(try later.signInWithPasskey().status == 303, "passkeys outlast a restore")
    }

    @Test("Failures with passkeys slow the address down, and nobody who is known there")
    func throttle() throws {
        try prepare()
        browser.address = "6.6.6.6"
        #expect(try browser.signInWithPasskey().status == 303)
        try browser.signOut()
        let stranger = PasskeyBrowser(bench, key: 3)
        stranger.address = "6.6.6.6"
        let statuses = try (1...8).map { _ in try stranger.signInWithPasskey().status }
        #expect(statuses.first == 401 && statuses.contains(429))
        #expect(try browser.signInWithPasskey().status == 303)
    }

    @Test("Where browsers have no passkeys, none are offered, and the page says why")
    func address() throws {
        let page = PasskeyBrowser(bench).get("/sign-in").text
        #expect(page.contains(#"data-from="/sign-in/passkey/options""#) && page.contains("data-conditional"))
        let numbers = try IdentityFixture(address: "https://192.0.2.7")
        #expect(!numbers.ask("GET", "/sign-in").text.contains("data-passkey"))
        #expect(numbers.ask("GET", "/sign-in/passkey/options").status == 404)
        #expect(numbers.admin("GET", "/me").text.contains("Passkeys cannot be made here"))
    }
}
