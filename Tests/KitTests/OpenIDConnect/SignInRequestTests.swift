import Foundation
import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("Signing in with a provider: what is asked and answered")
struct SignInRequestTests {
    let secrets: SignInSecrets
    let provider: Provider

    init() throws {
        secrets = try SoftProvider.secrets()
        provider = try SoftProvider.provider()
    }

    // MARK: Secrets

    @Test("The example of RFC 7636, appendix B")
    func challenge() throws {
        let random: [UInt8] = [
            116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37, 77, 105, 214, 191,
            240, 91, 88, 5, 88, 83, 132, 141, 121,
        ]
        let verifier = try #require(CodeVerifier(random: random))
        #expect(verifier.text == "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        #expect(verifier.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(CodeVerifier(verifier.text) == verifier)
    }

    @Test("A verifier has 43 to 128 letters of those that are allowed")
    func verifiers() {
        let letters = String(repeating: "a", count: 42)
        for text in [letters + "~", letters + "._-", String(repeating: "Z", count: 128)] {
            #expect(CodeVerifier(text) != nil)
        }
        for text in ["", letters, letters + "+", letters + " ", letters + "\u{E9}", String(repeating: "Z", count: 129)]
        {
            #expect(CodeVerifier(text) == nil)
        }
        #expect(CodeVerifier(random: [UInt8](repeating: 0, count: 31)) == nil)
        #expect(CodeVerifier(random: [UInt8](repeating: 0, count: 32)) != nil)
        #expect(CodeVerifier(random: [UInt8](repeating: 0, count: 97)) == nil)
    }

    @Test("Secrets come of 96 random bytes, each of other ones, and can be kept")
    func secrecy() throws {
        let random = (0..<96).map { UInt8($0) }
        let made = try #require(SignInSecrets(random: random))
        #expect(Base64URL.decode(made.state) == Array(random[..<32]))
        #expect(Base64URL.decode(made.nonce) == Array(random[32..<64]))
        #expect(Base64URL.decode(made.verifier.text) == Array(random[64...]))
        #expect(SignInSecrets(state: made.state, nonce: made.nonce, verifier: made.verifier) == made)
        for count in [0, 95, 97] { #expect(SignInSecrets(random: [UInt8](repeating: 1, count: count)) == nil) }
        for text in ["", String(repeating: "a", count: 21), made.state + "=", String(repeating: "a", count: 1025)] {
            #expect(SignInSecrets(state: text, nonce: made.nonce, verifier: made.verifier) == nil)
            #expect(SignInSecrets(state: made.state, nonce: text, verifier: made.verifier) == nil)
        }
    }

    // MARK: The way there

    @Test("A browser is sent to the provider with everything that must come back")
    func address() throws {
        let request = try AuthorizationRequest(
            to: SoftProvider.metadata(), of: SoftProvider.provider(clientID: "po pug&x=y"),
            redirect: SoftProvider.redirect + "?a=b", secrets: secrets)
        #expect(
            request.address == "https://login.example/tenant/authorize?response_type=code&client_id=po%20pug%26x%3Dy"
                + "&redirect_uri=https%3A%2F%2Fpopug.example%2Fsign-in%2Fprovider%2Fcallback%3Fa%3Db"
                + "&scope=openid%20email%20profile&state=\(secrets.state)&nonce=\(secrets.nonce)"
                + "&code_challenge=\(secrets.verifier.challenge)&code_challenge_method=S256")
        #expect(!request.address.contains(secrets.verifier.text))
    }

    @Test(
        "What the endpoint's query has is kept",
        arguments: [
            ("https://a.example", "https://a.example?"), ("https://a.example/?", "https://a.example/?"),
            ("https://a.example/?p=b2c%20x", "https://a.example/?p=b2c%20x&"),
            ("https://a.example/?p=q&", "https://a.example/?p=q&"),
        ])
    func kept(endpoint: String, beginning: String) throws {
        let metadata = try SoftProvider.metadata(["authorization_endpoint": .string(endpoint)])
        let request = try AuthorizationRequest(
            to: metadata, of: provider, redirect: SoftProvider.redirect, secrets: secrets)
        #expect(request.address.hasPrefix(beginning + "response_type=code&"))
    }

    @Test("A browser comes back only to a safe address")
    func redirects() throws {
        let metadata = try SoftProvider.metadata()
        for redirect in ["", "/callback", "http://popug.example/", "https://popug.example/#a", "popug:callback"] {
            #expect(throws: OpenIDConnectError.redirect) {
                try AuthorizationRequest(to: metadata, of: provider, redirect: redirect, secrets: secrets)
            }
        }
        for redirect in ["http://localhost:8080/x", "https://popug.example/x?y"] {
            _ = try AuthorizationRequest(to: metadata, of: provider, redirect: redirect, secrets: secrets)
        }
    }

    // MARK: The way back

    private func code(_ query: String, namesIssuer: Bool = false) throws -> String {
        let metadata = try SoftProvider.metadata([
            "authorization_response_iss_parameter_supported": .boolean(namesIssuer)
        ])
        return try AuthorizationResponse(query: query, to: secrets, from: metadata, of: provider).code
    }

    @Test("A code is taken that comes with our state")
    func codes() throws {
        let state = "state=\(secrets.state)"
        #expect(try code("code=abc&\(state)") == "abc")
        #expect(try code("\(state)&code=a%2Bb%20c+d~&session_state=x&a=b&a=c&&=") == "a+b c d~")
        let longest = String(repeating: "a", count: 4096)
        #expect(try code("\(state)&code=\(longest)") == longest)
        for query in [
            state, "\(state)&code=", "\(state)&code", "\(state)&code=\(longest)a", "\(state)&code=%00",
            "\(state)&code=%C3%A9", "\(state)&code=a%0Ab", "\(state)&code=%", "\(state)&code=%ff", "\(state)&code=%2",
        ] {
            #expect(throws: OpenIDConnectError.malformedResponse, "\(query)") { try code(query) }
        }
        #expect(throws: OpenIDConnectError.repeatedParameter("code")) { try code("code=a&code=a&\(state)") }
        #expect(throws: OpenIDConnectError.repeatedParameter("state")) { try code("code=a&\(state)&\(state)") }
        #expect(throws: OpenIDConnectError.repeatedParameter("code")) { try code("code=a&c%6Fde=b&\(state)") }
        #expect(throws: OpenIDConnectError.tooLarge) {
            try code("\(state)&code=a&" + String(repeating: "a", count: 8192))
        }
    }

    @Test("An answer to another attempt says nothing, not even an error")
    func states() throws {
        let state = secrets.state
        for query in [
            "", "code=abc", "code=abc&state=", "code=abc&state=\(state)A", "code=abc&state=\(state.dropLast())",
            "code=abc&state=\(secrets.nonce)", "error=access_denied", "error=access_denied&state=x",
            "code=abc&State=\(state)", "code=abc#state=\(state)",
        ] {
            #expect(throws: OpenIDConnectError.state, "\(query)") { try code(query) }
        }
    }

    @Test("An answer of another issuer is refused, and one without if the provider always names it")
    func responseIssuers() throws {
        let query = "code=abc&state=\(secrets.state)"
        let issuer = "&iss=" + PercentCoding.encode(SoftProvider.issuer)
        for names in [true, false] {
            #expect(try code(query + issuer, namesIssuer: names) == "abc")
            for other in ["&iss=", "&iss=https://evil.example", issuer + "/"] {
                #expect(throws: OpenIDConnectError.responseIssuer) { try code(query + other, namesIssuer: names) }
            }
            #expect(throws: OpenIDConnectError.repeatedParameter("iss")) {
                try code(query + issuer + issuer, namesIssuer: names)
            }
        }
        #expect(throws: OpenIDConnectError.responseIssuer) { try code(query, namesIssuer: true) }
        #expect(throws: OpenIDConnectError.responseIssuer) {
            try code("error=access_denied&state=\(secrets.state)", namesIssuer: true)
        }
    }

    @Test("A provider that says no is understood, and its words are made plain")
    func refusals() throws {
        let state = "state=\(secrets.state)"
        func refusal(_ query: String) -> Refusal? {
            do { _ = try code(query) } catch OpenIDConnectError.refused(let refusal) { return refusal } catch {}
            return nil
        }
        #expect(refusal("\(state)&error=access_denied")?.code == "access_denied")
        #expect(refusal("\(state)&error=access_denied")?.description == nil)
        let told = refusal(
            "\(state)&error=a&error_description=No+%0A%E2%80%AEway%00" + String(repeating: "x", count: 999))
        #expect(told?.description == "No way" + String(repeating: "x", count: 294))
        for query in [
            "error=", "error=%0A", "error=%22", "error=a&code=b", "error=" + String(repeating: "a", count: 65),
        ] {
            #expect(throws: OpenIDConnectError.malformedResponse) { try code("\(state)&\(query)") }
        }
    }
}
