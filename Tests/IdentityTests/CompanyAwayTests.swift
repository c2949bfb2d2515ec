import Foundation
import Identity
import Schemas
import ServiceKit
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("The company's provider is away, or hostile", .onEachDatabase)
struct CompanyAwayTests {
    @Test("X5: without the provider, the page says so, and passwords go on")
    func away() throws {
        let company = try CompanyBench()
        company.company.set { $0.isAway = true }
        let browser = PasskeyBrowser(company.bench)
        let refused = browser.get("/sign-in/company?next=/account")
        #expect(refused.status == 503 && refused.text.contains("can&#39;t be used now"))
        #expect(refused.text.contains(#"name="password""#) && refused.header("retry-after") == "5")
        #expect(try browser.signIn("anna@popug.test").status == 303)
        // Nobody waits for it again at once.
        #expect(browser.get("/sign-in/company").status == 503 && company.company.asked.count == 1)
        company.company.set { $0.isAway = false }
        company.bench.clock.advance(seconds: 6)
        #expect(browser.get("/sign-in/company").status == 303)
    }

    @Test("What the provider tells of itself is kept for an hour, and for a day if it does not answer")
    func kept() throws {
        let company = try CompanyBench(newcomers: ["popug.example"])
        let browser = PasskeyBrowser(company.bench)
        for _ in 0..<3 { #expect(try company.signIn(browser).status == 303) }
        #expect(company.company.asked.filter { $0.contains("openid-configuration") }.count == 1)
        #expect(company.company.asked.filter { $0.contains("keys.example") }.count == 1)
        company.bench.clock.advance(seconds: 3700)
        company.company.set { $0.isAway = true }
        #expect(browser.get("/sign-in/company").status == 303)
        company.bench.clock.advance(seconds: 86_400)
        #expect(browser.get("/sign-in/company").status == 503)
    }

    @Test("Exchanged keys are fetched once more for a token, and not a third time")
    func rotation() throws {
        let company = try CompanyBench(newcomers: ["popug.example"])
        let browser = PasskeyBrowser(company.bench)
        #expect(try company.signIn(browser).status == 303)
        company.company.set {
            $0.keyName = "two"
            $0.tokens.privateKey = [UInt8](repeating: 9, count: 32)
        }
        #expect(try company.signIn(browser).status == 303)
        let before = company.company.asked.filter { $0.contains("keys.example") }.count
        #expect(before == 2)
        let refused = try company.signIn(browser) { $0.header["kid"] = "three" }
        #expect(refused.status == 401)
        #expect(company.company.asked.filter { $0.contains("keys.example") }.count == before + 1)
    }

    @Test("Whatever is wrong with what the provider says, nobody is let in, and all get the same words")
    func hostile() throws {
        let company = try CompanyBench(newcomers: ["popug.example"])
        let browser = PasskeyBrowser(company.bench)
        let changes: [(inout SoftProvider) -> Void] = [
            { $0.claims["iss"] = "https://evil.example" }, { $0.claims["aud"] = "another" },
            { $0.claims["nonce"] = "0123456789012345678901234567890123456789012" },
            { $0.claims["exp"] = $0.claims["iat"].map { _ in .number("1000") } }, { $0.header["alg"] = "none" },
            { $0.claims["sub"] = nil }, { $0.privateKey = [UInt8](repeating: 3, count: 32) },
        ]
        for change in changes {
            let refused = try company.signIn(browser, change)
            #expect(refused.status == 401 && refused.text.contains("was not accepted") && !browser.isSignedIn)
            company.company.set { $0.tokens = SoftProvider() }
        }
        let answers: [(Int, String, Int)] = [
            (400, #"{"error":"invalid_grant"}"#, 401), (200, "{}", 401), (200, "<html>", 401), (302, "", 401),
            (503, "busy", 503),
        ]
        for (status, body, shown) in answers {
            company.company.set { $0.answer = Outbound.Response(status: status, body: Array(body.utf8)) }
            #expect(try company.signIn(browser).status == shown)
        }
        #expect(try company.bench.events("person-registered").count == 1)
    }

    @Test("A provider that says no, another's issuer, and parameters twice")
    func answers() throws {
        let company = try CompanyBench(newcomers: ["popug.example"])
        let browser = PasskeyBrowser(company.bench)
        let back = try company.leave(browser)
        let state = back.split(separator: "&").last.map(String.init) ?? ""
        for query in [
            "error=access_denied&\(state)", "code=c0de&code=c0de&\(state)", "code=c0de&\(state)&\(state)",
            "code=c0de&\(state)&iss=https%3A%2F%2Fevil.example", state, "code=c0de", "", "code=%zz&\(state)",
        ] {
            let refused = browser.get("/sign-in/company/back?" + query)
            #expect([400, 401].contains(refused.status) && !browser.isSignedIn, "\(query)")
        }
        // The attempt is not used up by what others send.
        #expect(browser.get(back).status == 303)
        #expect(company.company.asked.filter { $0.hasPrefix("POST") }.count == 1)
    }

    @Test("X62: nobody makes us ask the provider without end")
    func often() throws {
        let company = try CompanyBench()
        let browser = PasskeyBrowser(company.bench)
        let back = try company.leave(browser).replacing("c0de", with: "junk")
        company.company.set {
            $0.answer = Outbound.Response(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8))
        }
        let answers = (0..<220).map { _ in browser.get(back).status }
        #expect(answers.prefix(200).allSatisfy { $0 == 401 } && answers.last == 429)
        #expect(company.company.asked.filter { $0.hasPrefix("POST") }.count == 200)
    }

    @Test("What the provider tells of itself must be its own")
    func metadata() throws {
        for (member, value) in [
            ("issuer", "https://evil.example"), ("token_endpoint", "http://login.example/token"),
            ("jwks_uri", "file:///"),
        ] {
            let company = try CompanyBench()
            company.company.set { $0.metadata[member] = .string(value) }
            #expect(PasskeyBrowser(company.bench).get("/sign-in/company").status == 503, "\(member)")
        }
    }

    @Test("Without a provider there is nothing to be found, and settings that do not fit are refused")
    func settings() throws {
        let bench = try IdentityFixture()
        #expect(bench.ask("GET", "/sign-in/company").status == 404)
        #expect(bench.ask("GET", "/sign-in/company/back?code=1&state=2").status == 404)
        #expect(!bench.ask("GET", "/sign-in").text.contains("/sign-in/company"))
        func refusal(_ settings: [String: String], address: String = "https://popug.example") -> String {
            do {
                let company = Company.test(publicAddress: address)
                _ = try IdentityService(.test(SteppedClock(), company: company, settings: settings))
                return ""
            } catch { return "\(error)" }
        }
        let good = ["openid-issuer": "https://login.example", "openid-client": "popug"]
        #expect(refusal(good) == "")
        #expect(refusal(good, address: "http://popug.example").contains("public-address"))
        #expect(refusal(["openid-issuer": "https://login.example"]).contains("openid-client"))
        for (name, value) in [
            ("openid-issuer", "http://login.example"), ("openid-issuer", "login"), ("openid-roles", "a=employee"),
            ("openid-roles-claim", "groups"), ("openid-roles", "a"), ("openid-newcomers", "@popug"),
            ("openid-scopes", "a\"b"),
        ] {
            #expect(refusal(good.merging([name: value]) { $1 }).contains("openid"), "\(name) = \(value)")
        }
        let mapped = good.merging(["openid-roles": "a=employee", "openid-roles-claim": "groups"]) { $1 }
        #expect(refusal(mapped) == "")
    }
}
