import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("What providers tell of themselves")
struct ProviderMetadataTests {
    private func refuses(
        _ error: OpenIDConnectError, _ changes: [String: JSONText?], _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: location) { try SoftProvider.metadata(changes) }
    }

    @Test(
        "An issuer is an address that is safe, without a query",
        arguments: [
            ("https://login.example", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/", "https://login.example/.well-known/openid-configuration"),
            ("https://login.example/a/v2.0", "https://login.example/a/v2.0/.well-known/openid-configuration"),
            ("https://login.example:8443/a/", "https://login.example:8443/a/.well-known/openid-configuration"),
            ("https://10.0.0.1", "https://10.0.0.1/.well-known/openid-configuration"),
            ("https://[2001:db8::1]:443", "https://[2001:db8::1]:443/.well-known/openid-configuration"),
            ("http://localhost:9000/x", "http://localhost:9000/x/.well-known/openid-configuration"),
            ("http://127.0.0.1", "http://127.0.0.1/.well-known/openid-configuration"),
            ("http://[::1]:80/", "http://[::1]:80/.well-known/openid-configuration"),
        ])
    func issuers(text: String, address: String) throws {
        let issuer = try #require(Issuer(text))
        #expect(issuer.text == text)
        #expect(Discovery.address(of: issuer) == address)
    }

    @Test(
        "Clear text to elsewhere, or what is no address, is no issuer",
        arguments: [
            "", "login.example", "http://login.example", "http://localhost.example", "http://10.0.0.1",
            "ftp://a.example",
            "HTTPS://login.example", "https:/login.example", "https://", "https:///a", "https://:443", "https://a b",
            "https://user@login.example", "https://user:pass@login.example", "http://localhost@evil.example",
            "http://localhost:80@evil.example", "https://login.example:", "https://login.example:0",
            "https://login.example:65536", "https://login.example:+1", "https://login.example:8a",
            "https://login.example?a", "https://login.example/?", "https://login.example#a", "https://login.example/#",
            "https://login.example/\u{0}", "https://login.example/\n", "https://login.example\\a",
            "https://l\u{F6}gin.example",
            "https://login.example/%", "https://login.example/%2", "https://login.example/%zz",
            "https://login_x.example",
            "https://%61.example", "https://[::1", "https://[::1]x", "https://[1.2.3.4]", "https://[::1%25eth0]",
            "https://[x]", "https://login.example/{tenant}", "http://[2001:db8::1]", " https://login.example",
            "https://login.example/" + String(repeating: "a", count: 2048),
        ])
    func noIssuers(text: String) {
        #expect(Issuer(text) == nil)
    }

    @Test("A provider is configured with what can be told to it")
    func providers() throws {
        let issuer = try #require(Issuer(SoftProvider.issuer))
        #expect(try Provider(issuer: issuer, clientID: "a").scopes == ["openid", "email", "profile"])
        #expect(
            try Provider(issuer: issuer, clientID: "a", scopes: ["groups", "openid"]).scopes == ["openid", "groups"])
        for id in ["", "a\u{0}", "\u{7F}", "p\u{F6}pug", String(repeating: "a", count: 1025)] {
            #expect(throws: OpenIDConnectError.clientID) { try Provider(issuer: issuer, clientID: id) }
            #expect(throws: OpenIDConnectError.clientSecret) {
                try Provider(issuer: issuer, clientID: "a", clientSecret: id)
            }
        }
        for scope in ["", "a b", "\"", "\\", "\u{E9}", String(repeating: "a", count: 256)] {
            #expect(throws: OpenIDConnectError.scopes) { try Provider(issuer: issuer, clientID: "a", scopes: [scope]) }
        }
        #expect(throws: OpenIDConnectError.scopes) {
            try Provider(issuer: issuer, clientID: "a", scopes: (0..<32).map { "a\($0)" })
        }
        for claim in ["", "sub", "email", "aud", String(repeating: "a", count: 256)] {
            #expect(throws: OpenIDConnectError.rolesClaim) {
                try Provider(issuer: issuer, clientID: "a", rolesClaim: claim)
            }
        }
    }

    @Test("Metadata tells where to go, and how we say who we are")
    func read() throws {
        let metadata = try SoftProvider.metadata()
        #expect(metadata.authorizationEndpoint.text == "https://login.example/tenant/authorize")
        #expect(metadata.tokenEndpoint.text == "https://login.example/tenant/token")
        #expect(metadata.keysAddress.text == "https://keys.example/tenant")
        #expect(metadata.authentication == .basic)
        #expect(!metadata.namesIssuer)
        let name = "token_endpoint_auth_methods_supported"
        let both: JSONText = ["private_key_jwt", "client_secret_post", "client_secret_basic"]
        #expect(try SoftProvider.metadata([name: both]).authentication == .basic)
        #expect(try SoftProvider.metadata([name: ["client_secret_post"]]).authentication == .post)
        refuses(.unsupported(name), [name: ["private_key_jwt", "none"]])
        refuses(.unsupported(name), [name: []])
        let publicClient = try SoftProvider.provider(secret: nil)
        for methods in [nil, ["none"], both, []] as [JSONText?] {
            #expect(try SoftProvider.metadata([name: methods], of: publicClient).authentication == .none)
        }
        let answers = "authorization_response_iss_parameter_supported"
        #expect(try SoftProvider.metadata([answers: true]).namesIssuer)
        #expect(try !SoftProvider.metadata([answers: false]).namesIssuer)
    }

    @Test("Metadata of another issuer is refused, however alike it is written")
    func otherIssuers() {
        for issuer in ["https://login.example/tenant/", "https://login.example", "https://LOGIN.example/tenant", ""] {
            refuses(.metadataIssuer, ["issuer": .string(issuer)])
        }
        refuses(.malformedMetadata("issuer"), ["issuer": nil])
    }

    @Test("Addresses are safe", arguments: ["authorization_endpoint", "token_endpoint", "jwks_uri"])
    func endpoints(member: String) throws {
        for address in [
            "", "/token", "http://login.example/token", "http://localhost/token", "http://127.0.0.1/token",
            "https://user@login.example/", "https://login.example/#a", "javascript:alert(1)",
            "https://login.example/a b",
        ] {
            refuses(.endpoint(member), [member: .string(address)])
        }
        refuses(.malformedMetadata(member), [member: nil])
        refuses(.malformedMetadata(member), [member: 1])
        _ = try SoftProvider.metadata([member: "https://elsewhere.example/?p=policy"])
        // A provider on this machine, for trying out.
        let local = try SoftProvider.provider(issuer: "http://localhost:9000")
        let (issuer, here) = ("issuer", JSONText.string("http://localhost:9000"))
        _ = try SoftProvider.metadata([issuer: here, member: "http://127.0.0.1:9000/x"], of: local)
        #expect(throws: OpenIDConnectError.endpoint(member)) {
            try SoftProvider.metadata([issuer: here, member: "http://login.example/x"], of: local)
        }
    }

    @Test("No parameter of ours stands in the endpoint's query already")
    func parameters() throws {
        for query in ["state=a", "x=y&client%5Fid=evil", "request_uri", "&&nonce=", "%=", "a=%ff"] {
            refuses(
                .endpoint("authorization_endpoint"),
                ["authorization_endpoint": .string("https://login.example/a?" + query)])
        }
    }

    @Test("What we need is supported; a list that is left out stands for what the specification says")
    func supported() throws {
        for (member, good, bad) in [
            ("response_types_supported", ["code"], ["code id_token", "token"]),
            ("response_modes_supported", ["query"], ["fragment", "form_post"]),
            ("grant_types_supported", ["authorization_code"], ["implicit"]),
            ("id_token_signing_alg_values_supported", ["ES256"], ["HS256", "none", "PS256", "EdDSA"]),
            ("code_challenge_methods_supported", ["S256"], ["plain"]),
        ] as [(String, JSONText, JSONText)] {
            _ = try SoftProvider.metadata([member: good])
            refuses(.unsupported(member), [member: bad])
            refuses(.unsupported(member), [member: []])
            refuses(.malformedMetadata(member), [member: "code"])
            refuses(.malformedMetadata(member + "[0]"), [member: [1]])
        }
        for member in ["response_modes_supported", "grant_types_supported", "code_challenge_methods_supported"] {
            _ = try SoftProvider.metadata([member: nil])
            _ = try SoftProvider.metadata([member: .null])
        }
        for member in ["response_types_supported", "id_token_signing_alg_values_supported"] {
            refuses(.malformedMetadata(member), [member: nil])
        }
    }

    @Test("Metadata is strict JSON, and read up to its limit")
    func strict() throws {
        let provider = try SoftProvider.provider()
        let bytes = SoftProvider.bytes(SoftProvider.metadata)
        let room = [UInt8](repeating: 0x20, count: ProviderMetadata.largest - bytes.count)
        _ = try ProviderMetadata(bytes + room, of: provider)
        #expect(throws: OpenIDConnectError.tooLarge) { try ProviderMetadata(bytes + room + [0x20], of: provider) }
        let twice = Array(bytes.dropLast()) + Array(",\"token_endpoint\":\"https://evil.example\"}".utf8)
        for other in [[], Array("[]".utf8), Array("null".utf8), twice, bytes + [0x7D], [0xEF, 0xBB, 0xBF] + bytes] {
            #expect(throws: OpenIDConnectError.malformedMetadata("")) { try ProviderMetadata(other, of: provider) }
        }
    }
}
