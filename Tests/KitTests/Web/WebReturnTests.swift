import Testing
import Values
import Web

@Suite("The way back after signing in")
struct WebReturnTests {
    private static let id = "0190f0f0-0000-7000-8000-000000000001"

    private func sent(to path: String = "/page", from referer: String?, host: String? = "localhost:8080") throws
        -> String
    {
        let toy = try WebToy()
        let response = toy.entrance.runNow(
            WebRequest(
                "POST", path,
                headers: .init(contentType: "application/x-www-form-urlencoded", host: host, referer: referer),
                body: Array("text=secret&once=1".utf8)))
        #expect(response.status == 303 && !response.text.contains("secret"))
        #expect(try toy.notes == 0)
        return response.header("location") ?? ""
    }

    @Test("A form that comes after the session ended leads by way of signing in to the page that it stood on")
    func form() throws {
        let page = "/sign-in?next=%2Fpage%2F\(WebReturnTests.id)%3Fx%3D1%26y%3D%252F&unsent=1"
        let path = "/page/\(WebReturnTests.id)?x=1&y=%2F"
        // The company's public address, and the host that the browser asked, however it came here.
        for base in ["http://localhost:8080", "http://popug.internal", "https://popug.internal"] {
            #expect(try sent(from: base + path, host: "popug.internal") == page, "\(base)")
        }
        #expect(
            try sent(from: "http://localhost:8080/page?x=1")
                == "/sign-in?next=%2Fpage%3Fx%3D1&unsent=1")
        // Another service's page, which this one does not know.
        #expect(try sent(from: "http://localhost:8080/elsewhere/new") == "/sign-in?next=%2Felsewhere%2Fnew&unsent=1")
    }

    @Test("A form that had come back with what was wrong in it leads to the page above, which can be opened")
    func refused() throws {
        let id = WebReturnTests.id
        #expect(
            try sent(to: "/page/\(id)/note", from: "http://localhost:8080/page/\(id)/note?x=1")
                == "/sign-in?next=%2Fpage%2F\(id)&unsent=1")
    }

    @Test(
        "Nobody is led elsewhere",
        arguments: [
            nil, "", "/page", "https://evil.example/page", "http://localhost:8080.evil.example/page",
            "http://localhost:8080@evil.example/page", "http://localhost:80801/page", "http://localhost:8080",
            "http://localhost:8080//evil.example", "http://localhost:8080/\\evil.example", "http://localhost:8080/",
            "http://localhost:8080/\u{FE0F}/evil.example", "http://localhost:8080//\u{FE0F}evil.example",
            "http://localhost:8080/a\r\nlocation: x", "http://localhost:8080/a b",
        ])
    func elsewhere(referer: String?) throws {
        #expect(try sent(from: referer) == "/sign-in?unsent=1")
    }

    @Test(
        "A local path begins with one slash, whatever stands after it",
        arguments: ["", "\u{301}", "\u{338}", "\u{200C}", "\u{200D}", "\u{FE0F}", "\u{AD}"])
    func localPath(mark: String) {
        for path in [
            "//\(mark)evil.example", "/\(mark)/evil.example/", "/\\\(mark)evil.example", "/\(mark)\\evil.example",
            "\(mark)//evil.example", "/a\(mark)\nb",
        ] {
            let local = Preferences.localPath(path)
            #expect(
                local == "/" || mark.isEmpty && !local.utf8.starts(with: "//".utf8) && local.utf8.first == 0x2F,
                "\(path.debugDescription)")
        }
        #expect(Preferences.localPath("/tasks?q=%CC%B8&x=%2F%2F") == "/tasks?q=%CC%B8&x=%2F%2F")
    }
}
