import Foundation
import Schemas
import Storage
import TestKit
import Testing
import Values
import Web

@Suite("What comes in")
struct WebBodyTests {
    @Test(
        "Broken JSON is refused with its place",
        arguments: [
            "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "nul", "01", "1.", "+1", "\"\u{1}\"", "{\"a\":1,\"a\":2}",
            "{} {}",
            "\u{FEFF}{}", "\"\\ud800\"", "\"\\x\"", "'a'", String(repeating: "[", count: 100_0),
        ])
    func brokenJSON(text: String) throws {
        #expect(throws: BrokenJSON.self) { try JSONText(Array(text.utf8)) }
        let toy = try WebToy()
        let response = try toy.post(text)
        #expect(response.status == 400)
        #expect(response.problem == "web.json")
        #expect(try toy.notes == 0)
    }

    @Test("Bytes that are not UTF-8 are refused")
    func notText() throws {
        #expect(throws: BrokenJSON.self) { try JSONText([0x22, 0xFF, 0x22]) }
    }

    @Test("JSON is read as it was written, and written as it was read")
    func json() throws {
        let text = #"{"a":[1,-2.5e3,true,false,null],"b":{"c":"\"\\\né😀"}}"#
        let value = try JSONText(Array(text.utf8))
        #expect(value.written == text)
        #expect(try JSONText(Array(#""\u0041\ud83d\ude00\/""#.utf8)) == .string("A😀/"))
    }

    @Test("Unknown, missing, wrong and too long fields are all named at once")
    func fields() throws {
        let toy = try WebToy()
        let long = String(repeating: "x", count: 21)
        let cases: [(String, [String])] = [
            (#"{"texd":"a"}"#, ["texd", "text"]), (#"{"text":5}"#, ["text"]), (#"{"text":""}"#, ["text"]),
            (#"{"text":"\#(long)"}"#, ["text"]), (#"{"text":"a","count":"1"}"#, ["count"]),
            (#"{"text":"a","count":10}"#, ["count"]), (#"{"text":"a","count":1.5,"fee":1e400}"#, ["count", "fee"]),
            (#"{"text":null}"#, ["text"]), (#"[]"#, [""]), (#"{"text":"a\u0000b"}"#, ["text"]),
        ]
        for (body, fields) in cases {
            let response = try toy.post(body)
            #expect(response.status == 422, "\(body)")
            #expect(response.wrongFields == fields, "\(body)")
            #expect(response.header("content-type") == "application/problem+json")
        }
        #expect(try toy.notes == 0)
        #expect(try toy.post(#"{"text":"😀 <b>'; DROP TABLE","count":2.0,"fee":null}"#).status == 201)
    }

    @Test("A body too large, of another type, or broken in its encoding is refused")
    func sizes() throws {
        let toy = try WebToy()
        let big = String(repeating: " ", count: 70_000)
        #expect(try toy.post(#"{"text":"a"}"# + big).status == 413)
        #expect(try toy.post(#"{"text":"a"}"#, type: "text/plain").status == 415)
        #expect(try toy.post(#"{"text":"a"}"#, type: "application/json; charset=utf-8").status == 201)
        #expect(toy.submit("/page", "text=%FF", cookie: "").status == 400)
        #expect(toy.submit("/page", "text=%4", cookie: "").status == 400)
    }

    @Test("Query parameters are checked against their declaration")
    func queries() throws {
        let toy = try WebToy()
        let bad = [
            "limit=0": ["limit"], "limit=201": ["limit"], "limit=x": ["limit"], "day=2026-02-30": ["day"],
            "nonsense=1": ["nonsense"], "limit=1&limit=2": ["limit"],
        ]
        for (query, fields) in bad {
            let response = try toy.get("/api/notes?\(query)", as: "boss")
            #expect(response.status == 422, "\(query)")
            #expect(response.wrongFields == fields, "\(query)")
        }
        #expect(try toy.get("/api/notes?limit=%zz", as: "boss").status == 400)
        #expect(try toy.get("/api/notes?limit=7&day=2026-02-28", as: "boss").status == 200)
    }

    @Test("A cursor that was not given out is refused, however it was made")
    func cursors() throws {
        let toy = try WebToy()
        let values: [Value] = [.integer(-5), .text("a é"), .blob([1, 2]), .null]
        let text = Cursor.encode(values)
        #expect(try Cursor.decode(text, count: 4) == values)
        for bad in ["", "x", "AAAA", text + "A", String(text.dropLast()), text.replacing("A", with: "+")] {
            #expect(throws: Problem.self) { try Cursor.decode(bad, count: 4) }
        }
        #expect(throws: Problem.self) { try Cursor.decode(text, count: 3) }
        let response = try toy.get("/api/notes?cursor=tampered", as: "boss")
        #expect(response.status == 422)
        #expect(response.wrongFields == ["cursor"])
        #expect(try toy.get("/api/notes?cursor=\(Cursor.encode([.integer(1)]))", as: "boss").status == 200)
    }

    @Test("Errors say what went wrong and show nothing of the inside")
    func errors() throws {
        let toy = try WebToy()
        let crash = try toy.post(#"{"text":"crash"}"#)
        #expect(crash.status == 500)
        #expect(!crash.text.contains("secret internals"))
        #expect(crash.text.contains("urn:request:local"))
        #expect(try toy.post(#"{"text":"full"}"#).status == 507)
        #expect(try toy.post(#"{"text":"overflow"}"#).status == 422)
        #expect(try toy.notes == 0)
    }

    @Test("An unknown path is 404; another method is 405 and says which it takes")
    func routes() throws {
        let toy = try WebToy()
        for path in ["/nowhere", "/api/nowhere", "/api/notes/", "//api/notes", "/api/notes%00", "/api/%zz"] {
            #expect(try toy.get(path, as: "boss").status == 404, "\(path)")
        }
        let wrong = toy.entrance.runNow(WebRequest("DELETE", "/api/notes"))
        #expect(wrong.status == 405)
        #expect(wrong.header("allow") == "GET, POST, HEAD")
        #expect(wrong.problem == "web.method")
    }

    @Test("A literal path wins over a name, and segments are decoded one by one")
    func table() throws {
        var table = RouteTable<String>()
        try table.add("GET", "/tasks/new", "new")
        try table.add("GET", "/tasks/{task}", "one")
        try table.add("GET", "/tasks/{task}/history", "history")
        try table.add("GET", "/", "home")
        func found(_ path: String) -> String {
            guard case .found(let target, let values) = table.match("GET", path) else { return "none" }
            return target + (values["task"].map { ":" + $0 } ?? "")
        }
        #expect(found("/") == "home")
        #expect(found("/tasks/new") == "new")
        #expect(found("/tasks/new/history") == "history:new")
        #expect(found("/tasks/a%2Fb%20c") == "one:a/b c")
        #expect(found("/tasks") == "none")
        #expect(throws: DuplicateRoute.self) { try table.add("GET", "/tasks/{other}", "twice") }
    }

    @Test("A form with a file gives its fields and the file's bytes")
    func multipart() throws {
        let toy = try WebToy()
        let session = toy.clock.environment.newID()
        let csrf = toy.context.forms.token(session: session)
        let body = [
            "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n\(csrf)\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"once\"\r\n\r\nu1\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nfrom a form\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n"
                + "\u{0}\r\n--x\r\n",
            "--B--\r\n",
        ].joined()
        let request = WebRequest(
            "POST", "/page",
            headers: .init(
                cookie: "popug_session=\(try toy.token("boss", session: session))",
                contentType: "multipart/form-data; boundary=\"B\""),
            body: Array(body.utf8))
        #expect(toy.entrance.runNow(request).status == 303)
        let text: String? = try toy.database.read { try $0.value("SELECT text FROM note") }
        #expect(text == "from a form")
        for cut in stride(from: 0, to: body.utf8.count - 6, by: 37) {
            var broken = request
            broken.body = Array(request.body.prefix(cut))
            #expect(toy.entrance.runNow(broken).status == 400)
        }
    }

    @Test("A page is put together from parts of other services; one that is away leaves a line")
    func includes() async throws {
        let toy = try WebToy()
        let page = try toy.get("/page?gone=1&name=%3C!--%23include%20virtual=%22/part%22%20--%3E", as: "boss")
        #expect(page.text.contains("<em>part for Boss</em>"))
        #expect(page.text.contains("<p class=\"notice warn\">"))
        // What somebody typed is no mark.
        #expect(page.text.contains("&lt;!--#include virtual="))
        let anonymous = try toy.get("/page")
        #expect(anonymous.status == 200)
        #expect(!anonymous.text.contains("part for"))
        #expect(!anonymous.text.contains("<!--#include"))
        let request = WebRequest(
            "GET", "/page", headers: .init(authorization: "Bearer \(try toy.token("boss"))", acceptLanguage: "ru"))
        #expect(await toy.entrance.run(request).text.contains("<em>part for Boss</em>"))
    }

    @Test("The OpenAPI document is made of the declarations, and every reference in it leads somewhere")
    func openAPI() throws {
        let toy = try WebToy()
        let text = try toy.get("/api/openapi.json").text
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(document["openapi"] as? String == "3.1.0")
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let declared = Set(WebToy.endpoints.filter { $0.kind == .api }.map(\.path))
        #expect(Set(paths.keys) == declared)
        let post = try #require(paths["/api/notes"]?["post"] as? [String: Any])
        let parameters = try #require(post["parameters"] as? [[String: Any]])
        #expect(parameters.contains { $0["name"] as? String == "Idempotency-Key" && $0["required"] as? Bool == true })
        let schemas = try #require((document["components"] as? [String: Any])?["schemas"] as? [String: Any])
        for match in text.matches(of: /"#\/components\/schemas\/([A-Za-z0-9]+)"/) {
            #expect(schemas[String(match.1)] != nil, "\(match.1)")
        }
        let page = try toy.get("/api")
        #expect(page.status == 200)
        #expect(page.text.contains("/api/notes"))
    }
}
