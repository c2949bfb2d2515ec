import Contracts
import Directory
import Foundation
import Identity
import Schemas
import ServiceKit
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("The company's account", .onEachDatabase)
struct CompanyTests {
    private static let email = "polly@popug.example"

    private func polly(_ company: CompanyBench, roles: String = #""employee""#) throws -> String {
        let made = company.bench.admin(
            "POST", "/api/people", #"{"name": "Polly", "email": "Polly@popug.example", "roles": [\#(roles)]}"#)
        return try company.bench.field("id", made)
    }

    /// An admin removes the person's account at the provider.
    private func removal(of person: String, _ company: CompanyBench) throws -> WebResponse {
        let path = "/api/people/\(person)/company-accounts"
        let listed = company.bench.admin("GET", path)
        let items = try JSONSerialization.jsonObject(with: Data(listed.body)) as? [String: Any]
        let id = try #require((items?["items"] as? [[String: Any]])?.first?["id"] as? String)
        return company.bench.admin("DELETE", "\(path)/\(id)")
    }

    @Test("X1: whoever has the verified address is linked at the first sign-in, and known by the subject from then on")
    func known() throws {
        let company = try CompanyBench()
        let (bench, polly) = (company.bench, try polly(company))
        let browser = PasskeyBrowser(bench)
        #expect(browser.get("/sign-in").text.contains("Sign in with Acme"))
        let done = try company.signIn(browser)
        #expect(done.status == 303 && done.header("location") == "/account" && browser.isSignedIn)
        #expect(try bench.ways() == ["company"])
        #expect(try bench.told("company-account").count == 1)
        // The browser offers it first from now on; the address may change, here and there.
        try browser.signOut()
        let page = browser.get("/sign-in").text
        #expect(page.contains(#"<a class="button primary" href="/sign-in/company?next=%2F">Sign in with Acme</a>"#))
        #expect(bench.admin("PATCH", "/api/people/\(polly)", #"{"email": "p@popug.test"}"#).status == 200)
        #expect(try company.signIn(browser) { $0.claims["email"] = "elsewhere@popug.example" }.status == 303)
        #expect(try bench.told("company-account").count == 1 && bench.problems().isEmpty)
        let listed = bench.admin("GET", "/api/people/\(polly)/company-accounts").text
        #expect(listed.contains(SoftProvider.issuer) && listed.contains(#""works":true"#))
        #expect(browser.get("/me").text.contains(SoftProvider.issuer))
        #expect(bench.admin("GET", "/people/\(polly)").text.contains("Company account linked:"))
    }

    @Test("An attempt works once, for 15 minutes, and only in the browser in which it began")
    func once() throws {
        let company = try CompanyBench()
        _ = try polly(company)
        let browser = PasskeyBrowser(company.bench)
        let back = try company.leave(browser)
        #expect(PasskeyBrowser(company.bench).get(back).status == 401)
        let other = PasskeyBrowser(company.bench)
        _ = try company.leave(other)
        #expect(other.get(back).status == 401 && !other.isSignedIn, "the state is of another attempt")
        let again = try company.leave(browser)
        let kept = browser.cookie("popug_company")
        #expect(browser.get(again).status == 303)
        #expect(browser.cookie("popug_company") == nil)
        browser.setCookie("popug_company", kept)
        let repeated = browser.get(again)
        #expect(repeated.status == 401 && repeated.text.contains("This attempt to sign in is over"))
        let late = try company.leave(browser)
        company.bench.clock.advance(seconds: 901)
        #expect(browser.get(late).status == 401)
        #expect(try company.bench.ways().count == 1)
    }

    @Test("Somebody without an account gets one only if the settings name the domain of the verified address")
    func newcomers() throws {
        let closed = try CompanyBench()
        let refused = try closed.signIn(PasskeyBrowser(closed.bench))
        #expect(refused.status == 403 && refused.text.contains("Nobody here has your company&#39;s account"))
        let open = try CompanyBench(newcomers: ["popug.example"])
        let foreign = try open.signIn(PasskeyBrowser(open.bench)) { $0.claims["email"] = "polly@elsewhere.example" }
        #expect(foreign.status == 403)
        for unproven: JSONText in [false, .null] {
            let answer = try open.signIn(PasskeyBrowser(open.bench)) { $0.claims["email_verified"] = unproven }
            #expect(answer.status == 403 && answer.text.contains("no verified e-mail address"))
        }
        let browser = PasskeyBrowser(open.bench)
        let made = try open.signIn(browser)
        // Other services may not know the person yet.
        #expect(made.status == 303 && made.header("location") == "/me" && browser.isSignedIn)
        #expect(browser.get("/me").text.contains("Polly Popug"))
        #expect(try open.bench.events("person-registered").count == 2)
        #expect(try open.bench.problems().isEmpty)
    }

    @Test("X66: an address that the company gave to somebody else does not let them in as the one before")
    func recycled() throws {
        let company = try CompanyBench(newcomers: ["popug.example"])
        let polly = try polly(company)
        #expect(try company.signIn(PasskeyBrowser(company.bench)).status == 303)
        let heir = PasskeyBrowser(company.bench)
        let refused = try company.signIn(heir) { $0.claims["sub"] = "another" }
        #expect(refused.status == 403 && refused.text.contains("Another company account") && !heir.isSignedIn)
        // An admin settles it.
        #expect(try removal(of: polly, company).status == 204)
        #expect(try company.signIn(heir) { $0.claims["sub"] = "another" }.status == 303)
        #expect(try company.bench.told("company-account-removed").count == 1)
    }

    @Test("X3: deactivated people are not let in, and are told what strangers are told")
    func deactivated() throws {
        let company = try CompanyBench()
        let polly = try polly(company)
        #expect(try company.signIn(PasskeyBrowser(company.bench)).status == 303)
        #expect(company.bench.admin("PATCH", "/api/people/\(polly)", #"{"active": false}"#).status == 200)
        let refused = try company.signIn(PasskeyBrowser(company.bench))
        #expect(refused.status == 403 && refused.text.contains("Nobody here has your company&#39;s account"))
    }

    @Test("Roles that groups give follow the provider at every sign-in; others stay, and so does the last admin")
    func roles() throws {
        let company = try CompanyBench(newcomers: ["popug.example"], roles: "popug-admins=admin,staff=employee")
        let browser = PasskeyBrowser(company.bench)
        func held() throws -> String {
            try company.bench.text("SELECT roles FROM directory_person WHERE name = 'Polly Popug'").first ?? ""
        }
        #expect(try company.signIn(browser).status == 303)
        #expect(try held() == "admin employee")
        let id = try #require(
            try company.bench.database.read {
                try $0.value("SELECT id FROM directory_person WHERE name = 'Polly Popug'", as: ID.self)
            })
        let path = "/api/people/\(id)"
        #expect(
            company.bench.admin("PATCH", path, #"{"roles": ["admin", "employee", "manager"]}"#).status == 200)
        #expect(try company.signIn(browser) { $0.claims["groups"] = ["staff"] }.status == 303)
        #expect(try held() == "employee manager")
        // Anna goes, and Polly is the last admin.
        #expect(try company.signIn(browser) { $0.claims["groups"] = ["popug-admins"] }.status == 303)
        #expect(
            company.bench.admin("PATCH", "/api/people/\(company.bench.admin.id)", #"{"roles": ["boss"]}"#).status
                == 200)
        #expect(try company.signIn(browser) { $0.claims["groups"] = ["staff"] }.status == 303)
        #expect(try held() == "admin employee manager")
        #expect(try company.bench.problems().isEmpty)
    }

    @Test("Whoever is new and in no group never has a role that groups give")
    func groupless() throws {
        let company = try CompanyBench(newcomers: ["popug.example"], roles: "staff=employee")
        let made = try company.signIn(PasskeyBrowser(company.bench)) {
            $0.claims["groups"] = nil
            $0.claims["name"] = nil
        }
        #expect(made.status == 303)
        #expect(try company.bench.text("SELECT roles FROM directory_person WHERE name = 'polly'") == [""])
        #expect(try company.bench.told("roles").isEmpty)
    }

    @Test("X6: whoever needs a passkey is asked for it after the company's account too")
    func second() throws {
        let company = try CompanyBench { $0.passkeyRoles = [Role.accountant] }
        _ = try polly(company, roles: #""accountant""#)
        let browser = PasskeyBrowser(company.bench)
        let page = try company.signIn(browser)
        #expect(page.status == 200 && page.text.contains("you have none yet") && !browser.isSignedIn)
        #expect(page.text.contains(#"name="next" value="/account""#))
        try browser.read(browser.options(page, to: "create"))
        let ticket = try #require(page.text.firstMatch(of: /name="ticket" value="([^"]*)"/)?.output.1)
        let made = try browser.post(
            "/sign-in/second/new",
            [
                "ticket": String(ticket), "way": "company", "next": "/account", "name": "Laptop",
                "response": browser.registration(),
            ])
        #expect(made.status == 303 && browser.isSignedIn)
        #expect(try company.bench.ways() == ["company passkey"])
    }

    @Test("X6: the first step is over if the account is removed before the second")
    func removedBetween() throws {
        let company = try CompanyBench { $0.passkeyRoles = [Role.accountant] }
        let polly = try polly(company, roles: #""accountant""#)
        let browser = PasskeyBrowser(company.bench)
        let page = try company.signIn(browser)
        try browser.read(browser.options(page, to: "create"))
        let ticket = try #require(page.text.firstMatch(of: /name="ticket" value="([^"]*)"/)?.output.1)
        #expect(try removal(of: polly, company).status == 204)
        _ = try browser.post(
            "/sign-in/second/new",
            ["ticket": String(ticket), "way": "company", "name": "Laptop", "response": browser.registration()])
        #expect(try !browser.isSignedIn && company.bench.ways().isEmpty)
    }

    @Test("X28: the account confirms who somebody is, if they prove it to the provider anew")
    func confirm() throws {
        let company = try CompanyBench()
        _ = try polly(company)
        let browser = PasskeyBrowser(company.bench)
        #expect(try company.signIn(browser).status == 303)
        company.bench.clock.advance(seconds: 700)
        #expect(browser.get("/me/passkeys/new").header("location")?.hasPrefix("/confirm?next=") == true)
        #expect(browser.get("/confirm?next=/me/passkeys/new").text.contains("Confirm with Acme"))
        func proof(_ time: Int64?) throws -> WebResponse {
            let now = company.bench.clock.now.milliseconds / 1000
            return browser.get(
                try company.leave(browser, from: "/confirm/company?next=/me/passkeys/new") {
                    $0.claims["auth_time"] = time.map { .number(String(now + $0)) }
                })
        }
        // The provider that still knows the person proves nothing.
        #expect(try proof(nil).status == 401)
        #expect(try proof(-600).status == 401)
        #expect(browser.get("/me/passkeys/new").status == 303)
        let done = try proof(0)
        #expect(done.status == 303 && done.header("location") == "/me/passkeys/new")
        #expect(browser.get("/me/passkeys/new").status == 200)
        // The account of somebody else proves nothing.
        let anna = PasskeyBrowser(company.bench)
        #expect(try anna.signIn("anna@popug.test").status == 303)
        company.bench.clock.advance(seconds: 700)
        let now = company.bench.clock.now.milliseconds / 1000
        let wrong = anna.get(
            try company.leave(anna, from: "/confirm/company") { $0.claims["auth_time"] = .number(String(now)) })
        #expect(wrong.status == 403 && wrong.text.contains("That was the account of somebody else"))
    }

    @Test("X60: an account that was put into the database by hand lets nobody in, and verify names it")
    func forged() throws {
        let company = try CompanyBench()
        let polly = try polly(company)
        #expect(try company.signIn(PasskeyBrowser(company.bench)).status == 303)
        let admin = company.bench.admin.id
        try company.bench.database.write {
            try $0.send("UPDATE identity_company_account SET person = \(admin)")
        }
        let refused = try company.signIn(PasskeyBrowser(company.bench))
        #expect(refused.status == 403)
        #expect(try company.bench.problems().contains { $0.contains("was not stored by us") })
        #expect(!polly.isEmpty)
    }

    @Test("X60: who was given another's address in the index alone is not found by it")
    func forgedKey() throws {
        let company = try CompanyBench()
        let admin = company.bench.admin.id
        try company.bench.database.write {
            try $0.send("UPDATE identity_person SET email_key = 'polly@popug.example' WHERE id = \(admin)")
        }
        let browser = PasskeyBrowser(company.bench)
        #expect(try company.signIn(browser).status == 403 && !browser.isSignedIn)
        #expect(try company.bench.told("company-account").isEmpty)
    }
}
