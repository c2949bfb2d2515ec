import Contracts
import Foundation
import Identity
import Storage
import TestKit
import TestTraits
import Testing
import Values
import Web

@Suite("Where somebody is signed in", .onEachDatabase)
struct DeviceTests {
    private static let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

    private func signIn(
        _ bench: IdentityFixture, from address: String, cookie: String? = nil, agent: String = firefox
    ) -> WebResponse {
        var request = WebRequest(
            "POST", "/api/sessions", headers: .init(cookie: cookie, contentType: "application/json"),
            body: Array(#"{"email": "anna@popug.test", "password": "\#(IdentityFixture.password)"}"#.utf8))
        request.address = address
        request.headers.userAgent = agent
        return bench.entrance.runNow(request)
    }

    private func told(_ bench: IdentityFixture) throws -> [String] {
        try bench.events(AccessChanged.name).filter { $0.contains(#""what":"sign-in""#) }
    }

    @Test("A person sees browser, network and way of each sign-in")
    func listed() throws {
        let bench = try IdentityFixture()
        let token = try bench.field("token", signIn(bench, from: "203.0.113.7"))
        let list = bench.ask("GET", "/api/sessions", token: token).text
        #expect(list.contains(#""device":"Firefox, Windows""#) && list.contains(#""ways":["password"]"#))
        #expect(list.contains("203.0.113.7"))
    }

    @Test("A sign-in from a new device is told; the first ever, the same browser, and the same network are not")
    func newDevice() throws {
        let bench = try IdentityFixture()
        let first = signIn(bench, from: "203.0.113.7")
        #expect(first.status == 201)
        _ = signIn(bench, from: "203.0.113.7")
        #expect(try told(bench).isEmpty)
        let browser = try #require(
            first.headers.first { $0.name == "set-cookie" && $0.value.hasPrefix("popug_browser=") }?.value
                .components(separatedBy: ";").first)
        _ = signIn(bench, from: "198.51.100.4", cookie: browser)
        #expect(try told(bench).isEmpty)
        _ = signIn(bench, from: "192.0.2.9")
        let letters = try told(bench)
        #expect(letters.count == 1 && letters[0].contains("Firefox, Windows · 192.0.2.9"))
    }

    @Test(
        "Browsers and programs are named as people know them",
        arguments: [
            (firefox, "Firefox, Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
                "Safari, iPhone"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
                "Edge, macOS"
            ),
            ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
            ("curl/8.5.0", "curl/8.5.0"), ("", ""), ("\u{202E}evil\u{0}/1 x", "evil/1"),
        ])
    func names(agent: String, name: String) throws {
        let bench = try IdentityFixture()
        let token = try bench.field("token", signIn(bench, from: "203.0.113.7", agent: agent))
        #expect(bench.ask("GET", "/api/sessions", token: token).text.contains("\"device\":\"\(name)\""))
    }
}
