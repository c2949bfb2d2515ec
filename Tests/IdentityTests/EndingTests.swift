import Directory
import TestTraits
import Testing
import Values
import Web

/// What ends somebody's way in is asked about first, and said of them afterwards.
@Suite("Before and after a way in ends", .onEachDatabase)
struct EndingTests {
    private let bench: IdentityFixture
    private let boris: String

    init() throws {
        bench = try IdentityFixture()
        boris = try bench.person("Boris", password: "a long password")
    }

    private func submit(_ path: String, _ form: String) -> WebResponse {
        bench.entrance.runNow(
            WebRequest(
                "POST", path, headers: .init(contentType: "application/x-www-form-urlencoded"),
                body: Array("once=\(path)&\(form)".utf8), credential: .local(bench.admin.id)))
    }

    /// What the page that a form led to says of it.
    private func said(_ sent: WebResponse) throws -> String {
        let cookie = try #require(
            sent.headers.first { $0.name == "set-cookie" && $0.value.contains("popug_said=") }?.value.before(";"))
        let page = bench.entrance.runNow(
            WebRequest(
                "GET", try #require(sent.header("location")), headers: .init(cookie: cookie),
                credential: .local(bench.admin.id)))
        return String(try #require(page.text.firstMatch(of: /role="status">(.+?)<\/p>/)?.output.1))
    }

    @Test("A page says what will end, and its form is the one that ends it")
    func asked() throws {
        _ = bench.signIn("boris@popug.test", "a long password")
        let token = try bench.field(
            "id", bench.admin("POST", "/api/people/\(boris)/tokens", #"{"name": "robot"}"#))
        let page = "/people/\(boris)"
        for (path, title) in [
            ("\(page)/active", "Deactivate Boris?"), ("\(page)/sessions", "End every session and token of Boris?"),
            ("\(page)/sessions/\(token)", "End the token “robot”?"),
        ] {
            let asked = bench.admin("GET", path).text
            #expect(asked.contains("<h1>\(title)</h1>") && asked.contains("robot"), "\(path)")
            #expect(asked.contains("action=\"\(path)\"") && asked.contains("href=\"\(page)\""), "\(path)")
        }
        #expect(bench.admin("GET", "\(page)/active").text.contains(#"name="active" value="0""#))
        #expect(try said(submit("\(page)/sessions/\(token)", "")).contains("<bdi>robot</bdi>"))
        // What has ended is not asked about.
        #expect(bench.admin("GET", "\(page)/sessions/\(token)").header("location") == page)
        #expect(submit("\(page)/active", "active=0").header("location") == page)
        #expect(bench.admin("GET", "\(page)/active").header("location") == page)
    }

    @Test("What was done is said with the person's name")
    func named() throws {
        let page = "/people/\(boris)"
        #expect(try said(submit("\(page)/roles", "role-manager=1")).contains("<bdi>Boris</bdi>"))
        #expect(try said(submit("\(page)/sessions", "")) == "Every session and token of <bdi>Boris</bdi> has ended.")
        #expect(try said(submit("\(page)/active", "active=0")) == "<bdi>Boris</bdi> is deactivated.")
    }

    @Test("The history has roles in the reader's words")
    func history() throws {
        _ = submit("/people/\(boris)/roles", "role-manager=1&other=night-watch")
        let page = bench.entrance.runNow(
            WebRequest(
                "GET", "/people/\(boris)", headers: .init(acceptLanguage: "ru"), credential: .local(bench.admin.id)))
        #expect(page.text.contains("<bdi>сотрудник → менеджер, night-watch</bdi>"))
    }
}
