import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("Claims of ID tokens")
struct IDTokenClaimsTests {
    private func token(
        at now: Instant = SoftProvider.now, rolesClaim: String? = "groups",
        _ change: (inout SoftProvider) throws -> Void = { _ in }
    ) throws -> IDToken {
        var provider = SoftProvider()
        try change(&provider)
        return try IDToken.verified(
            provider.token(), with: provider.keys(), of: SoftProvider.provider(rolesClaim: rolesClaim),
            secrets: SoftProvider.secrets(), now: now)
    }

    private func refuses(
        _ error: OpenIDConnectError, at now: Instant = SoftProvider.now,
        _ location: SourceLocation = #_sourceLocation, _ change: (inout SoftProvider) -> Void = { _ in }
    ) {
        #expect(throws: error, sourceLocation: location) { try token(at: now, change) }
    }

    @Test("A token of another issuer is refused, however alike it is written")
    func issuers() {
        for issuer in [
            "https://evil.example", "https://login.example/tenant/", "https://login.example/Tenant",
            "https://login.example", "http://login.example/tenant", "https://login.example:443/tenant", "",
        ] {
            refuses(.issuer) { $0.claims["iss"] = .string(issuer) }
        }
        refuses(.issuer) { $0.claims["iss"] = nil }
        refuses(.malformedClaims("iss")) { $0.claims["iss"] = [.string(SoftProvider.issuer)] }
    }

    @Test("A token for others is refused, and one for several unless it was made at our asking")
    func audiences() throws {
        _ = try token { $0.claims["aud"] = ["popug"] }
        _ = try token { $0.claims["azp"] = "popug" }
        _ = try token {
            $0.claims["aud"] = ["other", "popug"]
            $0.claims["azp"] = "popug"
        }
        for other in ["other", "Popug", "popug ", "", ["other"], [], ["popu", "g"]] as [JSONText] {
            refuses(.audience) { $0.claims["aud"] = other }
        }
        refuses(.audience) { $0.claims["aud"] = nil }
        refuses(.malformedClaims("aud")) { $0.claims["aud"] = 1 }
        refuses(.malformedClaims("aud")) { $0.claims["aud"] = ["popug", 1] }
        refuses(.authorizedParty) { $0.claims["aud"] = ["popug", "other"] }
        refuses(.authorizedParty) { $0.claims["aud"] = ["popug", "popug"] }
        refuses(.authorizedParty) { $0.claims["azp"] = "other" }
        refuses(.authorizedParty) {
            $0.claims["aud"] = ["popug", "other"]
            $0.claims["azp"] = "other"
        }
    }

    @Test("A token works from when it is issued until it expires, and a minute around that")
    func times() throws {
        let (issued, expires) = (IDTokenVector.issued, IDTokenVector.issued + 300)
        _ = try token(at: Instant(seconds: issued - 60))
        refuses(.issuedInFuture, at: Instant(milliseconds: issued * 1000 - 60_001))
        _ = try token(at: Instant(milliseconds: (expires + 60) * 1000 - 1))
        refuses(.expired, at: Instant(seconds: expires + 60))
        refuses(.expired) { $0.claims["exp"] = 0 }
        refuses(.issuedInFuture) { $0.claims["iat"] = 9_000_000_000 }
        let now = SoftProvider.now.seconds
        _ = try token { $0.claims["nbf"] = .number(String(now + 60)) }
        refuses(.notYetValid) { $0.claims["nbf"] = .number(String(now + 61)) }
        refuses(.malformedClaims("exp")) { $0.claims["exp"] = nil }
        refuses(.malformedClaims("iat")) { $0.claims["iat"] = nil }
        refuses(.malformedClaims("exp")) { $0.claims["exp"] = .null }
    }

    @Test("A moment may have a fraction or an exponent, and no moment is beyond the calendar")
    func moments() throws {
        #expect(try token { $0.claims["exp"] = .number("1790000300.9") }.expiresAt == Instant(seconds: 1_790_000_300))
        #expect(try token { $0.claims["exp"] = .number("1.7900003e9") }.expiresAt == Instant(seconds: 1_790_000_300))
        #expect(try token { $0.claims["auth_time"] = 0 }.authenticatedAt == Instant(seconds: 0))
        #expect(try token().authenticatedAt == nil)
        let hostile: [JSONText] = [
            .number("1e400"), .number("-1e400"), .number("9223372036854775807"), .number("9223372036854775808"),
            .number(String(repeating: "9", count: 5000)), .number("253402300800"), .number("-1"),

            "1790000300", true, [], [:], .number("1e99999999999999999999"),
        ]
        for name in ["exp", "iat", "nbf", "auth_time"] {
            for value in hostile {
                #expect(throws: OpenIDConnectError.self, "\(name)") { try token { $0.claims[name] = value } }
            }
            refuses(.malformedClaims(name)) { $0.claims[name] = "1790000300" }
            refuses(.malformedClaims(name)) { $0.claims[name] = .number("1e300") }
        }
    }

    @Test("A token of another attempt is refused")
    func nonces() throws {
        let nonce = try SoftProvider.secrets().nonce
        for other in ["", "x", String(nonce.dropLast()), nonce + "A", nonce.lowercased()] {
            refuses(.nonce) { $0.claims["nonce"] = .string(other) }
        }
        refuses(.nonce) { $0.claims["nonce"] = nil }
        refuses(.nonce) { $0.claims["nonce"] = .null }
        refuses(.malformedClaims("nonce")) { $0.claims["nonce"] = 1 }
    }

    @Test("A subject has 1 to 255 bytes of ASCII")
    func subjects() throws {
        let longest = String(repeating: "a", count: 255)
        #expect(try token { $0.claims["sub"] = .string(longest) }.subject == longest)
        for other in ["", longest + "a", "a\u{0}b", "a\nb", "\u{7F}", "p\u{F6}lly"] {
            refuses(.subject) { $0.claims["sub"] = .string(other) }
        }
        refuses(.subject) { $0.claims["sub"] = nil }
        refuses(.malformedClaims("sub")) { $0.claims["sub"] = 248_289_761_001 }
    }

    @Test("What is told of a person is taken if it can be, and an address only counts as seen if that is said")
    func persons() throws {
        for word in [true, "true"] as [JSONText] {
            #expect(try token { $0.claims["email_verified"] = word }.isEmailVerified)
        }
        for word in [false, "false", "TRUE", "1", 1, .null, [true], [:]] as [JSONText] {
            #expect(try !token { $0.claims["email_verified"] = word }.isEmailVerified)
        }
        #expect(try !token { $0.claims["email_verified"] = nil }.isEmailVerified)
        #expect(try token { $0.claims["email"] = nil }.email == nil)
        #expect(try token { $0.claims["email"] = "no address" }.email == nil)
        #expect(try token { $0.claims["email"] = "Polly@POPUG.example" }.email?.text == "Polly@popug.example")
        #expect(try token { $0.claims["name"] = nil }.name == nil)
        #expect(try token { $0.claims["name"] = "  Polly " }.name == "Polly")
        #expect(try token { $0.claims["name"] = "Pol\u{202E}ly" }.name == nil)
        #expect(try token { $0.claims["name"] = .string(String(repeating: "a", count: 101)) }.name == nil)
        refuses(.malformedClaims("email")) { $0.claims["email"] = ["polly@popug.example"] }
        refuses(.malformedClaims("name")) { $0.claims["name"] = 1 }
    }

    @Test("Roles are one text or a list of texts, of the claim that is configured")
    func roles() throws {
        #expect(try token().roles == ["popug-admins", "staff"])
        #expect(try token { $0.claims["groups"] = "staff" }.roles == ["staff"])
        #expect(try token { $0.claims["groups"] = [] }.roles == [])
        #expect(try token { $0.claims["groups"] = nil }.roles == [])
        #expect(try token(rolesClaim: nil).roles == [])
        #expect(try token(rolesClaim: nil) { $0.claims["groups"] = 1 }.roles == [])
        let claim = "https://popug.example/roles"
        #expect(try token(rolesClaim: claim) { $0.claims[claim] = ["a.b"] }.roles == ["a.b"])
        for other in [1, true, [:], ["staff", 1], [["staff"]]] as [JSONText] {
            refuses(.malformedClaims("groups")) { $0.claims["groups"] = other }
        }
    }

    @Test("Claims that are no strict JSON are refused, though they are signed")
    func strict() {
        for text in [
            "", "null", "[]", "\"\"", "{", "{}x", "\u{FEFF}{}", "{\"iss\":\"a\",\"iss\":\"b\"}", "{\"a\":01}",
            "{'a':1}",
            "{\"a\":NaN}", "{\"a\":\"\\uD800\"}", String(repeating: "[", count: 5000),
        ] {
            refuses(.malformedClaims("")) { $0.claimsText = text }
        }
        refuses(.malformedClaims("")) {
            let claims = String(decoding: SoftProvider.bytes($0.claims), as: UTF8.self)
            $0.claimsText = String(claims.dropLast()) + ",\"sub\":\"somebody else\"}"
        }
        refuses(.issuer) { $0.claimsText = "{}" }
    }
}
