import Crypto
import Foundation
import Identity
import OpenIDConnect
import Schemas
import ServiceKit
import Synchronization
import TestKit
import Testing
import Values
import Web

/// A company's identity provider in memory, asked over ``Outbound``: it says whatever a test tells it to.
final class CompanyDouble: Sendable {
    struct State: Sendable {
        var tokens = SoftProvider()
        /// The name of the key that tokens are signed with, and under which it is published.
        var keyName = "one"
        /// Answers nothing at all.
        var isAway = false
        var metadata = SoftProvider.metadata
        /// Instead of the tokens.
        var answer: Outbound.Response?
        /// Everything that was asked for, without the query.
        var asked: [String] = []
        /// The challenge that the last browser came with.
        var challenge = ""
    }

    let state = Mutex(State())

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    var asked: [String] { state.withLock { $0.asked } }

    func answer(_ request: Outbound.Request) throws -> Outbound.Response {
        try state.withLock { state in
            state.asked.append("\(request.method) \(request.url)")
            if state.isAway { throw OutboundError("nobody answers") }
            switch request.url {
            case SoftProvider.issuer + "/.well-known/openid-configuration":
                return Outbound.Response(status: 200, body: SoftProvider.bytes(state.metadata))
            case "https://keys.example/tenant":
                let key = try state.tokens.key(["kid": .string(state.keyName)])
                return Outbound.Response(status: 200, body: try SoftProvider.set([key]))
            case "https://login.example/tenant/token":
                if let answer = state.answer { return answer }
                return try CompanyDouble.tokens(request, state)
            default: return Outbound.Response(status: 404, body: [])
            }
        }
    }

    /// The code works only with the verifier whose challenge the browser brought (RFC 7636).
    private static func tokens(_ request: Outbound.Request, _ state: State) throws -> Outbound.Response {
        let body = String(decoding: request.body, as: UTF8.self)
        let verifier = body.split(separator: "&").first { $0.hasPrefix("code_verifier=") }?.dropFirst(14) ?? ""
        guard Base64URL.encode(SHA256.hash(data: Array(verifier.utf8))) == state.challenge else {
            return Outbound.Response(status: 400, body: Array(#"{"error":"invalid_grant"}"#.utf8))
        }
        let given: [String: JSONText] = [
            "token_type": "Bearer", "access_token": "unused", "id_token": .string(try state.tokens.token()),
        ]
        return Outbound.Response(status: 200, body: SoftProvider.bytes(given))
    }
}

/// Identity with a company's provider, and browsers that go there and come back.
struct CompanyBench {
    let company = CompanyDouble()
    let bench: IdentityFixture

    init(newcomers: Set<String> = [], roles: String = "", _ adjust: (inout IdentitySettings) -> Void = { _ in }) throws
    {
        var settings = IdentitySettings.quick
        let provider = try SoftProvider.provider(rolesClaim: roles.isEmpty ? nil : "groups")
        settings.company = CompanyProvider(
            provider, name: "Acme", newcomers: newcomers, mapping: try #require(RoleMapping(roles)),
            publicAddress: "http://localhost:8080")
        settings.http = { [company] in try company.answer($0) }
        adjust(&settings)
        bench = try IdentityFixture(settings: settings)
    }

    /// Sends a browser to the provider, which gives it a code there and prepares a token.
    /// - Returns: the address that the provider sends the browser back to.
    func leave(
        _ browser: PasskeyBrowser, from path: String = "/sign-in/company?next=/account",
        _ change: (inout SoftProvider) -> Void = { _ in }
    ) throws -> String {
        let left = browser.get(path)
        try #require(left.status == 303)
        let address = try #require(left.header("location"))
        #expect(address.hasPrefix("https://login.example/tenant/authorize?"))
        let query = try #require(URLComponents(string: address)?.queryItems)
        let asked = Dictionary(query.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(asked["redirect_uri"] == "http://localhost:8080/sign-in/company/back")
        let now = bench.clock.now.milliseconds / 1000
        company.set { state in
            state.challenge = asked["code_challenge"] ?? ""
            // What one token said wrongly, the next does not.
            state.tokens.claims = SoftProvider().claims
            state.tokens.header = SoftProvider().header
            state.tokens.header["kid"] = .string(state.keyName)
            state.tokens.claims["nonce"] = .string(asked["nonce"] ?? "")
            state.tokens.claims["iat"] = .number(String(now))
            state.tokens.claims["exp"] = .number(String(now + 300))
            change(&state.tokens)
        }
        return "/sign-in/company/back?code=c0de&state=\(asked["state"] ?? "")"
    }

    func signIn(
        _ browser: PasskeyBrowser, _ change: (inout SoftProvider) -> Void = { _ in }
    ) throws -> WebResponse {
        browser.get(try leave(browser, change))
    }
}
