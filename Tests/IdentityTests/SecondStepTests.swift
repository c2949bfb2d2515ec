import Contracts
import Directory
import Foundation
import Identity
import ServiceKit
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("The second step", .onEachDatabase)
struct SecondStepTests {
    private let bench: IdentityFixture
    private let boris: String
    private let browser: PasskeyBrowser
    private static let email = "boris@popug.test"
    private static let password = "a long password"

    init() throws {
        var settings = IdentitySettings.quick
        settings.passkeyRoles = [Role.accountant]
        settings.links = true
        bench = try IdentityFixture(settings: settings)
        boris = try bench.person("Boris", roles: #""accountant""#, password: SecondStepTests.password)
        browser = PasskeyBrowser(bench)
    }

    private func enter(_ browser: PasskeyBrowser) throws -> WebResponse {
        try browser.signIn(SecondStepTests.email, SecondStepTests.password)
    }

    /// The fields that a page of the second step brings back.
    private func fields(_ page: WebResponse) throws -> [String: String] {
        var fields: [String: String] = [:]
        for match in page.text.matches(of: /name="(ticket|way|next)" value="([^"]*)"/) {
            fields[String(match.output.1)] = String(match.output.2)
        }
        try #require(fields.count == 3)
        return fields
    }

    /// Makes the first passkey after the password, and signs out.
    private func enrol() throws {
        let page = try enter(browser)
        try browser.read(browser.options(page, to: "create"))
        let sent = try fields(page).merging(["name": "Laptop", "response": browser.registration()]) { $1 }
        #expect(try browser.post("/sign-in/second/new", sent).status == 303)
        try browser.signOut()
    }

    @Test("X6: who needs a passkey is not in after the password; the first one is made there, then both are asked for")
    func steps() throws {
        let page = try enter(browser)
        #expect(page.status == 200 && page.text.contains("you have none yet") && !browser.isSignedIn)
        #expect(try bench.ways().isEmpty)
        try browser.read(browser.options(page, to: "create"))
        let sent = try fields(page).merging(["name": "Laptop", "response": browser.registration()]) { $1 }
        let made = try browser.post("/sign-in/second/new", sent)
        #expect(made.status == 303 && made.header("location") == "/me" && browser.isSignedIn)
        try browser.signOut()
        let second = try enter(browser)
        #expect(second.status == 200 && !browser.isSignedIn)
        try browser.read(browser.options(second, to: "get"))
        let answer = try fields(second).merging(["response": browser.assertion()]) { $1 }
        #expect(try browser.post("/sign-in/second", answer).status == 303 && browser.isSignedIn)
        try browser.signOut()
        #expect(try browser.post("/sign-in/second", answer).status == 401, "the first step is used up")
        // A passkey alone is two proofs: the device, and the finger or the PIN.
        #expect(try browser.signInWithPasskey().status == 303)
        #expect(try bench.ways() == ["password passkey", "password passkey", "passkey"])
        // Others go on as before.
        #expect(try PasskeyBrowser(bench).signIn("anna@popug.test").status == 303)
        #expect(try bench.problems().isEmpty)
    }

    @Test("A program gets no session with the password alone, and is told what to do")
    func programs() throws {
        let refused = bench.signIn(SecondStepTests.email, SecondStepTests.password)
        #expect(refused.status == 403 && refused.text.contains("identity.second-step"))
        #expect(refused.text.contains("make a token"))
        #expect(bench.signIn(SecondStepTests.email, "wrong password").status == 401)
    }

    @Test("The password alone makes no further passkey, and another's passkey is no second step")
    func alone() throws {
        try enrol()
        let page = try enter(browser)
        let first = try fields(page)
        let thief = PasskeyBrowser(bench, key: 9)
        _ = try thief.signIn("anna@popug.test")
        #expect(try thief.make().status == 303)
        try thief.signOut()
        // Boris's options, with Anna's passkey.
        let handle = thief.keys.userHandle
        try thief.read(browser.options(page, to: "get"))
        for userHandle in [handle, browser.keys.userHandle, nil] {
            thief.keys.userHandle = userHandle
            let answer = try first.merging(["response": thief.assertion()]) { $1 }
            #expect(try thief.post("/sign-in/second", answer).status == 401)
        }
        let registration = try first.merging(["name": "x", "response": thief.registration()]) { $1 }
        #expect(try thief.post("/sign-in/second/new", registration).status == 401)
        #expect(!thief.isSignedIn)
        // The right one, which has to say nothing of whose it is: that was said.
        try browser.read(browser.options(page, to: "get"))
        browser.keys.userHandle = nil
        let answer = try first.merging(["response": browser.assertion()]) { $1 }
        #expect(try browser.post("/sign-in/second", answer).status == 303)
    }

    @Test("The first step holds for five minutes, in its own way, and while the password is the same")
    func late() throws {
        try enrol()
        func step(_ change: (inout [String: String]) throws -> Void) throws -> Int {
            let page = try enter(browser)
            try browser.read(browser.options(page, to: "get"))
            var answer = try fields(page).merging(["response": browser.assertion()]) { $1 }
            try change(&answer)
            return try browser.post("/sign-in/second", answer).status
        }
        #expect(try step { $0["way"] = "link" } == 401)
        #expect(try step { $0["way"] = "code" } == 401)
        #expect(try step { $0["ticket"] = "AAAA" } == 401)
        #expect(try step { _ in bench.clock.advance(seconds: 301) } == 401)
        let late = try browser.post("/sign-in/second", ["way": "password"]).text
        #expect(late.contains("Sign in again from the beginning") && late.contains(#"action="/sign-in""#))
        let set = #"{"password": "another long password"}"#
        #expect(try step { _ in _ = bench.admin("PUT", "/api/people/\(boris)/password", set) } == 401)
        #expect(!browser.isSignedIn)
    }

    @Test("A link in a letter is a first step too, for its own address only")
    func link() throws {
        try enrol()
        #expect(try browser.post("/sign-in/link", ["email": SecondStepTests.email, "next": "/me"]).status == 303)
        let event = try #require(try bench.events(SignInLinkAsked.name).last)
        let asked = try #require(try JSONSerialization.jsonObject(with: Data(event.utf8)) as? [String: String])
        let asker = AnsweringAsker()
        asker.set(bench.entrance)
        let question = LinkAsked(
            ask: try #require(ID(asked["ask"] ?? "")), person: try #require(ID(boris)), address: SecondStepTests.email,
            next: "/me")
        let path = try #require(try asker.ask(IdentityQuestions.link, of: "identity", question).path)
        let page = try browser.post(path.components(separatedBy: "?")[0], ["next": "/me"])
        #expect(page.status == 200 && !browser.isSignedIn)
        try browser.read(browser.options(page, to: "get"))
        let first = try fields(page)
        let answer = first.merging(["response": try browser.assertion()]) { $1 }
        #expect(try browser.post("/sign-in/second", answer.merging(["way": "password"]) { $1 }).status == 401)
        #expect(try browser.post("/sign-in/second", answer).status == 303)
        #expect(try bench.ways() == ["password passkey", "link passkey"])
    }

    @Test("A copied passkey is no second step, and the page still takes a recovery code")
    func copied() throws {
        try enrol()
        let page = try enter(browser)
        try browser.read(browser.options(page, to: "get"))
        let answer = try fields(page).merging(["response": browser.assertion(counting: false)]) { $1 }
        let refused = try browser.post("/sign-in/second", answer)
        #expect(refused.status == 401 && refused.text.contains("None of your passkeys works"))
        #expect(try bench.told("passkey-suspect").count == 1)
        let later = try enter(browser).text
        #expect(!later.contains("data-passkey=") && later.contains(#"action="/sign-in/second/code""#))
    }

    @Test("No role can need passkeys where browsers have none")
    func address() throws {
        func service(_ address: String) throws {
            _ = try IdentityService(
                ServiceParts.test(
                    SteppedClock(), company: .test(publicAddress: address), settings: ["passkey-roles": "admin"]))
        }
        try service("https://popug.example")
        #expect(throws: SettingError.self) { try service("https://192.0.2.7") }
        #expect(throws: SettingError.self) { try service("http://popug.example") }
    }

    @Test("Who needs a passkey confirms with it, not with the password")
    func confirm() throws {
        try enrol()
        #expect(try browser.signInWithPasskey().status == 303)
        let page = browser.get("/confirm?next=%2Fme")
        #expect(!page.text.contains(#"name="password""#))
        let password = ["next": "/me", "password": SecondStepTests.password]
        #expect(try browser.post("/confirm", password).status == 403)
        try browser.read(browser.options(page, to: "get"))
        #expect(try browser.post("/confirm/passkey", ["next": "/me", "response": browser.assertion()]).status == 303)
    }
}
