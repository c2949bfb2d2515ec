import Directory
import Foundation
import Storage
import TestKit
import Testing
import Values
import Web

/// A browser with an authenticator, at the pages of a fixture: it keeps cookies, and sends forms as they stand in pages.
final class PasskeyBrowser {
    let bench: IdentityFixture
    var keys = SoftAuthenticator()
    var address = "10.0.0.1"
    private var cookies: [String: String] = [:]
    private var sent = 0

    init(_ bench: IdentityFixture, key: UInt8 = 7) {
        self.bench = bench
        keys.origin = bench.company.publicAddress
        keys.domain = "localhost"
        keys.id = [UInt8](repeating: key, count: 20)
        keys.privateKey = [UInt8](repeating: key, count: 32)
    }

    var isSignedIn: Bool { cookies[EndpointRunner.sessionCookie] != nil }

    func cookie(_ name: String) -> String? { cookies[name] }
    func setCookie(_ name: String, _ value: String?) { cookies[name] = value }

    func get(_ path: String) -> WebResponse { run(WebRequest("GET", path, headers: headers)) }

    /// Sends a form with its token.
    func post(_ path: String, _ fields: [String: String] = [:]) throws -> WebResponse {
        let page = get(isSignedIn ? "/me" : "/sign-in")
        let csrf = try #require(page.text.firstMatch(of: /name="csrf" value="([^"]+)"/)?.output.1)
        sent += 1
        let all = fields.merging(["csrf": String(csrf), "once": "\(path)-\(sent)"]) { $1 }
        let body = all.map { "\($0.key)=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        return run(WebRequest("POST", path, headers: headers, body: Array(body.utf8)))
    }

    private var headers: WebRequest.Headers {
        .init(
            cookie: cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: "; "),
            contentType: "application/x-www-form-urlencoded")
    }

    private func run(_ request: WebRequest) -> WebResponse {
        var request = request
        request.address = address
        let response = bench.entrance.runNow(request)
        for header in response.headers where header.name == "set-cookie" {
            let parts = header.value.split(separator: ";")[0].split(separator: "=", maxSplits: 1).map(String.init)
            cookies[parts[0]] = header.value.contains("Max-Age=0;") ? nil : parts.count > 1 ? parts[1] : ""
        }
        return response
    }

    func signIn(_ email: String, _ password: String = IdentityFixture.password) throws -> WebResponse {
        try post("/sign-in", ["email": email, "password": password, "next": "/me"])
    }

    func signOut() throws { _ = try post("/sign-out") }

    // MARK: Passkeys

    /// The options in a page, of a form that makes a passkey or uses one.
    func options(_ page: WebResponse, to what: String) throws -> String {
        let match = try #require(
            page.text.matches(of: /data-passkey="(\w+)" data-options="([^"]+)"/).first { $0.output.1 == what })
        return String(match.output.2).replacing("&quot;", with: "\"")
    }

    /// Takes challenge, and the account that a passkey is made for, from options.
    func read(_ options: String) throws {
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(options.utf8)) as? [String: Any])
        keys.challenge = try #require(Base64URL.decode(json["challenge"] as? String ?? ""))
        if let user = json["user"] as? [String: Any] {
            keys.userHandle = Base64URL.decode(user["id"] as? String ?? "")
        }
    }

    func registration() throws -> String { String(decoding: try keys.registrationJSON(), as: UTF8.self) }

    /// - Parameter counting: whether the authenticator's counter grows, as it does.
    func assertion(counting: Bool = true) throws -> String {
        if counting { keys.counter += 1 }
        return String(decoding: try keys.assertionJSON(), as: UTF8.self)
    }

    func make(_ name: String = "Laptop") throws -> WebResponse {
        try read(options(get("/me/passkeys/new"), to: "create"))
        return try post("/me/passkeys", ["name": name, "response": registration()])
    }

    func askForOptions() throws { try read(get("/sign-in/passkey/options").text) }

    func signInWithPasskey(counting: Bool = true) throws -> WebResponse {
        try askForOptions()
        return try post("/sign-in/passkey", ["next": "/me", "response": assertion(counting: counting)])
    }

    /// Signs somebody in, makes a passkey, and signs out.
    func prepare(_ email: String, _ password: String = IdentityFixture.password) throws {
        #expect(try signIn(email, password).status == 303)
        #expect(try make().status == 303)
        try signOut()
        #expect(!isSignedIn)
    }
}

extension IdentityFixture {
    func text(_ sql: String) throws -> [String] {
        try database.read { transaction in
            try transaction.fetch(.init(text: sql, values: [])).map { try $0(0) }
        }
    }

    /// The events about changes of access of one kind.
    func told(_ what: String) throws -> [String] {
        try events("access-changed").filter { $0.contains("\"what\":\"\(what)\"") }
    }

    /// How people with sessions signed in, the earliest first.
    func ways() throws -> [String] {
        try text("SELECT COALESCE(ways, '') FROM identity_session WHERE kind = 'browser' ORDER BY id")
    }
}
