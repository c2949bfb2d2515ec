import TestTraits
import Testing
import Values
import Web

@Suite("The way back through signing in", .onEachDatabase)
struct WayBackTests {
    private func signIn(_ bench: IdentityFixture, _ form: String) -> WebResponse {
        let guardian = FormGuard(secret: IdentityFixture.secret, publicAddress: bench.company.publicAddress)
        let body = "email=anna%40popug.test&\(form)&csrf=" + guardian.token(anonymous: "browser")
        return bench.entrance.runNow(
            WebRequest(
                "POST", "/sign-in",
                headers: .init(
                    cookie: "\(FormGuard.cookie)=browser", contentType: "application/x-www-form-urlencoded"),
                body: Array(body.utf8)))
    }

    @Test("A form that comes after the session ended leads back to its page, and signing in says that it was not sent")
    func unsent() throws {
        let bench = try IdentityFixture()
        let refused = bench.entrance.runNow(
            WebRequest(
                "POST", "/people",
                headers: .init(
                    contentType: "application/x-www-form-urlencoded", host: "localhost:8080",
                    referer: "http://localhost:8080/people/new"),
                body: Array("name=Boris&once=1".utf8)))
        let target = try #require(refused.header("location"))
        #expect(refused.status == 303 && target == "/sign-in?next=%2Fpeople%2Fnew&unsent=1")
        let page = bench.ask("GET", target)
        #expect(page.status == 200 && page.text.contains("what you sent was not saved"))
        #expect(page.text.contains(#"name="next" value="/people/new""#) && !page.text.contains("Boris"))
        #expect(!bench.ask("GET", "/sign-in?next=%2Fpeople%2Fnew").text.contains("was not saved"))
        let wrong = signIn(bench, "next=%2Fpeople%2Fnew&password=wrong+password")
        #expect(wrong.status == 401 && wrong.text.contains(#"value="/people/new""#))
        let done = signIn(bench, "next=%2Fpeople%2Fnew&password=correct+horse+battery")
        #expect(done.status == 303 && done.header("location") == "/people/new")
    }

    @Test(
        "Signing in leads to no other server, whatever hides the second slash",
        arguments: [
            "%2F%2Fevil.example", "%2F%2F%EF%B8%8Fevil.example", "%2F%EF%B8%8F%2Fevil.example",
            "%2F%2F%CC%B8evil.example",
            "%2F%5Cevil.example", "https%3A%2F%2Fevil.example", "%EF%B8%8F%2F%2Fevil.example",
        ])
    func elsewhere(next: String) throws {
        let done = signIn(try IdentityFixture(), "next=\(next)&password=correct+horse+battery")
        #expect(done.status == 303 && done.header("location") == "/")
    }
}
