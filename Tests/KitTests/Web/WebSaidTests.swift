import Directory
import Foundation
import Logging
import TestKit
import Testing
import Values
import Web

/// A page, a form that leads to it, and the parts that other services put in.
private struct Desk {
    let toy: WebToy
    let entrance: Entrance
    let cookie: String
    let csrf: String

    init(_ more: [Endpoint] = [], page: String = "<p>{{said}}</p>", as role: String = "boss") throws {
        toy = try WebToy()
        let set = PageSet(
            templates: ["desk/page": page, "desk/part": "[part]"],
            texts: [
                .english: ["desk.title": "Desk", "desk.fed": "{{name}} is <fed>.", "desk.open": "open"],
                .russian: ["desk.title": "Стол", "desk.fed": "{{name}}: еда.", "desk.open": "открыто"],
            ])
        let navigation = [
            NavigationItem(title: "desk.title", path: "/desk", access: .staff, order: 100, count: "/count"),
            NavigationItem(title: "desk.open", path: "/away", access: .staff, order: 101, count: "/nowhere"),
        ]
        let company = Company.test()
        let context = EndpointRunner.Context(
            environment: toy.clock.environment, company: company,
            pages: try PageRenderer(sets: [set], navigation: navigation, company: company),
            secret: [UInt8](repeating: 7, count: 32),
            log: Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() }))
        entrance = try Entrance(
            EndpointRunner(
                service: "desk", endpoints: Desk.endpoints + more, database: toy.database, context: context))
        let session = toy.clock.environment.newID()
        cookie = "popug_session=\(try toy.token(role, session: session))"
        csrf = context.forms.token(session: session)
    }

    private static let endpoints: [Endpoint] = [
        .page("/desk", "A desk", access: .staff) { call, _ in
            .page(
                "desk/page", title: "desk.title",
                [
                    "at": .moment(call.now), "name": .text(call.query("name") ?? ""),
                    "part": Answer.include("/part"),
                ])
        },
        .form("/desk", "Feeds", access: .staff) { call, _ in
            .redirect(to: "/desk").saying("desk.fed", ["name": call.field("name")], with: "/sum")
        },
        .fragment("/sum", "The sum", access: .staff) { _, _ in .fragment("desk/page", .none) },
        .fragment("/part", "A part", access: .staff) { _, _ in .fragment("desk/part", .none) },
        .page("/desk.csv", "A file", access: .staff) { _, _ in
            .csv("<!--#include virtual=\"/part\" -->", name: "desk.csv")
        },
        .count("/count", access: .staff, about: "desk.open", topics: ["desk", "cats"]) { call, _ in
            call.caller?.roles == ["boss"] ? 120 : 0
        },
    ]

    func get(_ path: String, more: String = "", live: String? = nil) -> WebResponse {
        var headers = WebRequest.Headers(cookie: cookie + more)
        headers.live = live
        return entrance.runNow(WebRequest("GET", path, headers: headers))
    }

    /// Feeds a cat, and gives the cookie in which that is said.
    func feed(_ name: String) throws -> String {
        let done = entrance.runNow(
            WebRequest(
                "POST", "/desk",
                headers: .init(
                    cookie: cookie, contentType: "application/x-www-form-urlencoded", host: "localhost:8080"),
                body: Array("name=\(PercentCoding.encode(name))&once=\(name.utf8.count)&csrf=\(csrf)".utf8)))
        #expect(done.status == 303 && done.header("location") == "/desk")
        let said = done.headers.first { $0.0 == "set-cookie" && $0.1.hasPrefix("popug_said=") }?.1
        return "; " + (try #require(said).split(separator: ";").first ?? "")
    }
}

@Suite("What pages stand on")
struct WebSaidTests {
    @Test("What a form has done is said once, of the thing itself, and is text whatever was typed")
    func once() throws {
        let desk = try Desk(page: "<b>+25.00</b>")
        let said = try desk.feed("<i>Tom</i>")
        let page = desk.get("/desk", more: said)
        #expect(page.text.contains("<bdi>&lt;i&gt;Tom&lt;/i&gt;</bdi> is &lt;fed&gt;. <b>+25.00</b></p>"))
        // It is taken away by the page that has said it.
        #expect(page.headers.contains { $0.0 == "set-cookie" && $0.1.hasPrefix("popug_said=; Path=/; Max-Age=0") })
        #expect(!desk.get("/desk").text.contains("fed&gt;"))
    }

    @Test("No address says it, and nobody but us can write the cookie")
    func forged() throws {
        let desk = try Desk()
        let said = try desk.feed("Tom")
        #expect(desk.get("/desk", more: said).text.contains("Tom"))
        #expect(!desk.get("/desk?notice=desk.fed&said=desk.fed").text.contains("fed&gt;"))
        let forged = Data(#"{"key":"desk.fed","values":{"name":"Eve"}}"#.utf8).base64EncodedString()
        let hash = said.split(separator: ".").last ?? ""
        for cookie in ["; popug_said=\(forged).\(hash)", "; popug_said=\(forged)", "; popug_said=", said + "x"] {
            #expect(!desk.get("/desk", more: cookie).text.contains("fed&gt;"))
        }
    }

    @Test("A refresh in another tab does not take what is said from the page that it is for")
    func refreshed() throws {
        let desk = try Desk()
        let said = try desk.feed("Tom")
        let refreshed = desk.get("/desk", more: said, live: "desk")
        #expect(!refreshed.text.contains("Tom") && !refreshed.headers.contains { $0.1.hasPrefix("popug_said=") })
    }

    @Test("A moment is said as people say it, and exactly with its zone")
    func times() throws {
        let desk = try Desk(page: "<time>{{at}}</time><p>{{at}}</p>")
        let now = desk.toy.clock.now
        let format = Format(language: .english, company: .test())
        let page = desk.get("/desk").text
        #expect(
            page.contains(
                """
                <time datetime="\(now)" title="\(format.exact(now))"><span aria-hidden="true">\
                \(format.time(now).suffix(5))</span><span class="visually-hidden">\(format.exact(now))</span></time>\
                <p>\(format.time(now))</p>
                """))
    }

    @Test("What waits is counted beside an entry, up to 99; a count whose service is away is left out")
    func counts() throws {
        let page = try Desk(page: "").get("/desk").text
        #expect(page.contains("data-live=\"desk cats\" data-from=\"/count\"><span class=\"count\">99+"))
        #expect(page.contains("<span class=\"visually-hidden\"> open</span>"))
        #expect(!page.contains("notice warn") && !page.contains("<!--#"))
        let nothing = try Desk(page: "", as: "admin").get("/desk").text
        #expect(nothing.contains("data-from=\"/count\"></span>") && !nothing.contains("class=\"count\""))
    }

    @Test("A question says what will be done, and sends what was asked for")
    func question() throws {
        let ask = Endpoint.page("/desk/ask", "Asks", access: .staff) { _, _ in
            var question = Confirmation(
                title: "desk.title", button: "desk.open", lines: ["Tom & Eve eat."], action: "/desk", back: "/desk")
            question.facts = [("Cats", "2")]
            return .asking(question)
        }
        let desk = try Desk([ask])
        let page = desk.get("/desk/ask").text
        #expect(page.contains("<form method=\"post\" action=\"/desk\">") && page.contains("value=\"\(desk.csrf)\""))
        #expect(page.contains("<p>Tom &amp; Eve eat.</p>") && page.contains("<dt>Cats</dt><dd>2</dd>"))
        #expect(page.contains(">open</button>") && page.contains("href=\"/desk\" data-close>"))
    }

    @Test("A refresh is sent the parts that have moved, and no more")
    func parts() throws {
        let desk = try Desk(
            page: """
                <p>still</p><section id="a" data-live="cats dogs"><div><div>A {{name}}</div></div><img src="x"></section>
                <div id="b" data-live="birds"><section id="c" data-live="dogs">C</section></div>
                <section data-live="dogs">nameless</section>{{{part}}}
                """)
        let page = desk.get("/desk?name=1").text
        let cats = desk.get("/desk?name=1", live: "cats").text
        #expect(page.contains("still") && !cats.contains("still"))
        #expect(
            cats.contains(
                #"<section id="a" data-live="cats dogs"><div><div>A 1</div></div><img src="x"></section>"#))
        #expect(cats.contains("<title>Desk") && cats.contains("data-at=") && !cats.contains("<nav"))
        #expect(!cats.contains("id=\"c\"") && !cats.contains("nameless"))
        // What other services put in comes along: whether it has moved is theirs to know. Counts are asked for by
        // themselves.
        #expect(cats.contains("[part]") && !cats.contains("count-count"))
        let dogs = desk.get("/desk?name=1", live: "dogs birds").text
        #expect(dogs.contains("id=\"a\"") && dogs.contains("id=\"b\""))
        #expect(dogs.ranges(of: "id=\"c\"").count == 1)
        #expect(desk.get("/desk", live: "nothing").text.utf8.count < 600)
    }

    @Test("A page that stayed open after its session ended is told nothing of what waits")
    func ended() throws {
        let desk = try Desk()
        var request = WebRequest("GET", "/count", headers: .init(cookie: "popug_session=over"))
        #expect(desk.entrance.runNow(request).status == 401)
        request.headers.live = "desk"
        let told = desk.entrance.runNow(request)
        #expect(told.status == 204 && told.body.isEmpty)
    }

    @Test("A file has no parts, whatever was typed into it")
    func file() throws {
        #expect(try Desk().get("/desk.csv").text == "<!--#include virtual=\"/part\" -->")
    }

    @Test("A search shows what services have found, and the pages of the navigation")
    func search() throws {
        let found = Endpoint.fragment("/found", "Finds", access: .staff) { call, _ in
            .found("desk.title", [Found("<Tom> \(SearchPage.words(call))", path: "/desk", note: "a cat")], more: "/all")
        }
        let toy = try WebToy()
        let set = PageSet(
            templates: [:],
            texts: [.english: ["desk.title": "The Désk"], .russian: ["desk.title": "Стол"]])
        let items = [
            NavigationItem(title: "desk.title", path: "/desk", access: .staff, order: 100),
            NavigationItem(title: "desk.title", path: "/secret", access: .holding(["admin"]), order: 101),
        ]
        let pages = try PageRenderer(sets: [set], navigation: items, company: .test())
        let context = EndpointRunner.Context(
            environment: toy.clock.environment, company: .test(), pages: pages,
            secret: [UInt8](repeating: 7, count: 32),
            log: Logger(label: "desk", factory: { _ in SwiftLogNoOpLogHandler() }))
        let entrance = try Entrance(
            EndpointRunner(
                service: "desk", endpoints: [found, SearchPage.endpoint(["/found"], pages)], database: toy.database,
                context: context))
        let token = try toy.token("boss")
        func page(_ target: String) -> String {
            entrance.runNow(WebRequest("GET", target, headers: .init(authorization: "Bearer \(token)"))).text
        }
        let desk = page("/search?q=DES")
        #expect(desk.contains("<a href=\"/desk\">The Désk</a>") && !desk.contains("/secret"))
        #expect(desk.contains("<bdi>&lt;Tom&gt; DES</bdi>") && desk.contains("<bdi>a cat</bdi>"))
        #expect(desk.contains("href=\"/all\""))
        #expect(!page("/search").contains("class=\"card found\""))
    }
}
