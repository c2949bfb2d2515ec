import Directory
import Foundation
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Recovery codes", .onEachDatabase)
struct RecoveryTests {
    private let bench: IdentityFixture
    private let browser: PasskeyBrowser
    private static let email = "anna@popug.test"

    init() throws {
        var settings = IdentitySettings.quick
        settings.passkeyRoles = [Role.accountant]
        bench = try IdentityFixture(settings: settings)
        browser = PasskeyBrowser(bench)
    }

    private func codes(_ page: WebResponse) -> [String] {
        page.text.matches(of: /<li>([0-9A-Z]{5}(?:-[0-9A-Z]{5}){3})<\/li>/).map { String($0.output.1) }
    }

    private func make(_ browser: PasskeyBrowser) throws -> [String] { codes(try browser.post("/me/codes")) }

    private func use(_ browser: PasskeyBrowser, _ code: String, _ email: String = email) throws -> WebResponse {
        try browser.post("/sign-in/code", ["email": email, "code": code, "next": "/me"])
    }

    @Test(
        "X66: a password that an admin sets ends the codes: somebody else may have made them. One's own change does not"
    )
    func ended() throws {
        let id = try bench.person("Boris", password: "a long password")
        _ = try browser.signIn("boris@popug.test", "a long password")
        let codes = try make(browser)
        #expect(codes.count == 10)
        let own = ["present": "a long password", "new": "a longer password"]
        #expect(try browser.post("/me/password", own).status == 303)
        try browser.signOut()
        #expect(try use(browser, codes[0], "boris@popug.test").status == 303)
        try browser.signOut()
        let set = #"{"password": "quite another password"}"#
        #expect(bench.admin("PUT", "/api/people/\(id)/password", set).status == 204)
        #expect(try use(browser, codes[1], "boris@popug.test").status == 401)
    }

    @Test("Ten codes are shown once and stored as hashes; each signs in once, and the person is told")
    func once() throws {
        _ = try browser.signIn(RecoveryTests.email)
        #expect(browser.get("/me/codes").text.contains("Make new recovery codes?"))
        let codes = try make(browser)
        #expect(Set(codes).count == 10 && codes.allSatisfy { !$0.contains { "ILOU".contains($0) } })
        #expect(browser.get("/me").text.contains("Codes left: 10"))
        let stored = try bench.database.read {
            try $0.fetch("SELECT hash FROM identity_recovery").map { try $0(0, as: [UInt8].self).count }
        }
        #expect(stored == [Int](repeating: 32, count: 10))
        try browser.signOut()
        #expect(browser.get("/sign-in/code").status == 200)
        // As somebody copies it from paper.
        let typed = " " + codes[3].lowercased().replacing("-", with: " ").replacing("0", with: "o")
        let done = try use(browser, typed.replacing("1", with: "l"), "ANNA@popug.test")
        #expect(done.status == 303 && done.header("location") == "/me" && browser.isSignedIn)
        #expect(browser.get("/me").text.contains("Codes left: 9"))
        try browser.signOut()
        let again = try use(browser, codes[3])
        #expect(again.status == 401 && again.text.contains("Wrong e-mail or recovery code"))
        #expect(try bench.ways() == ["password", "code"])
        #expect(try bench.told("codes").count == 1 && bench.told("code-used").count == 1)
        let history = bench.admin("GET", "/people/\(bench.admin.id)").text
        #expect(history.contains("Recovery codes made") && history.contains("Signed in with a recovery code"))
        #expect(try bench.problems().isEmpty)
    }

    @Test("New codes end the old ones; a code is its own person's")
    func others() throws {
        _ = try bench.person("Boris", password: "a long password")
        _ = try browser.signIn(RecoveryTests.email)
        let old = try make(browser)
        let new = try make(browser)
        try browser.signOut()
        #expect(try use(browser, old[0]).status == 401)
        #expect(try use(browser, new[0], "boris@popug.test").status == 401)
        #expect(try use(browser, new[0], "nobody@popug.test").status == 401)
        #expect(try use(browser, "").status == 401)
        #expect(try use(browser, new[0]).status == 303)
    }

    @Test("Guessing codes is slowed down like guessing passwords")
    func throttle() throws {
        let statuses = try (1...8).map { _ in try use(browser, "00000-00000-00000-00000").status }
        #expect(statuses.first == 401 && statuses.contains(429))
    }

    @Test("X7: who is deactivated does not get in with a code")
    func deactivated() throws {
        let boris = try bench.person("Boris", password: "a long password")
        _ = try browser.signIn("boris@popug.test", "a long password")
        let codes = try make(browser)
        _ = bench.admin("PATCH", "/api/people/\(boris)", #"{"active": false}"#)
        #expect(try use(PasskeyBrowser(bench), codes[0], "boris@popug.test").status == 401)
    }

    @Test("Who needs a passkey uses a code only after the password, in place of the passkey")
    func second() throws {
        let email = "boris@popug.test"
        let boris = try bench.person("Boris", password: "a long password")
        try browser.prepare(email, "a long password")
        _ = try browser.signIn(email, "a long password")
        let codes = try make(browser)
        try browser.signOut()
        _ = bench.admin("PATCH", "/api/people/\(boris)", #"{"roles": ["accountant"]}"#)
        let refused = try use(browser, codes[0], email)
        #expect(refused.status == 403 && refused.text.contains("need a password before the code"))
        let page = try browser.signIn(email, "a long password")
        var fields: [String: String] = [:]
        for match in page.text.matches(of: /name="(ticket|way|next)" value="([^"]*)"/) {
            fields[String(match.output.1)] = String(match.output.2)
        }
        #expect(try browser.post("/sign-in/second/code", fields.merging(["code": codes[1] + "X"]) { $1 }).status == 401)
        let sent = fields.merging(["code": codes[0]]) { $1 }
        #expect(try browser.post("/sign-in/second/code", sent).status == 303, "it was not used up")
        #expect(try bench.ways().last == "password code")
        try browser.signOut()
        #expect(try browser.post("/sign-in/second/code", fields.merging(["code": codes[2]]) { $1 }).status == 401)
    }
}
