import Foundation
import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

@Suite("Exchanging a code for tokens")
struct TokenExchangeTests {
    private func request(
        _ methods: JSONText? = nil, clientID: String = "s6BhdRkqt3", secret: String? = "7Fjfp0ZBr1KtDRbnfVdmIw"
    ) throws -> TokenRequest {
        let provider = try SoftProvider.provider(clientID: clientID, secret: secret)
        let metadata = try SoftProvider.metadata(
            ["token_endpoint_auth_methods_supported": methods], of: provider)
        return TokenRequest(
            code: "a+b c", to: metadata, of: provider, redirect: SoftProvider.redirect,
            secrets: try SoftProvider.secrets())
    }

    private func form() throws -> String {
        "grant_type=authorization_code&code=a%2Bb+c"
            + "&redirect_uri=https%3A%2F%2Fpopug.example%2Fsign-in%2Fprovider%2Fcallback"
            + "&code_verifier=\(try SoftProvider.secrets().verifier.text)"
    }

    @Test("A client with a secret says who it is in the header, as in RFC 6749, section 2.3.1")
    func basic() throws {
        let request = try request()
        #expect(request.address == "https://login.example/tenant/token")
        #expect(request.authorization == "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3")
        #expect(String(decoding: request.body, as: UTF8.self) == (try form()))
        #expect(TokenRequest.contentType == "application/x-www-form-urlencoded")
        // What a header could not tell apart, or could not hold.
        let odd = try self.request(clientID: "a:b c", secret: "p%&+ ~\"")
        let text = try #require(odd.authorization?.dropFirst(6)).description
        let decoded = try #require(Data(base64Encoded: text))
        #expect(String(decoding: decoded, as: UTF8.self) == "a%3Ab+c:p%25%26%2B+~%22")
    }

    @Test("Where the header is not read, it says so in the form; without a secret, by its id alone")
    func others() throws {
        let post = try request(["client_secret_post"])
        #expect(post.authorization == nil)
        #expect(
            String(decoding: post.body, as: UTF8.self)
                == (try form()) + "&client_id=s6BhdRkqt3&client_secret=7Fjfp0ZBr1KtDRbnfVdmIw")
        let open = try request(secret: nil)
        #expect(open.authorization == nil)
        #expect(String(decoding: open.body, as: UTF8.self) == (try form()) + "&client_id=s6BhdRkqt3")
    }

    private func answer(_ members: [String: JSONText]) throws -> String {
        try TokenResponse(SoftProvider.bytes(members)).idToken
    }

    @Test("An ID token is taken from an answer, in whatever case its kind is written")
    func tokens() throws {
        for type in ["Bearer", "bearer", "BEARER"] {
            let members: [String: JSONText] = [
                "token_type": .string(type), "id_token": "a.b.c", "access_token": "x", "expires_in": 3600,
                "refresh_token": "y", "error": .null,
            ]
            #expect(try answer(members) == "a.b.c")
        }
        for type in ["", "mac", "DPoP", "Bearer ", "b\u{45}arer\u{0}"] {
            #expect(throws: OpenIDConnectError.tokenType) {
                try answer(["token_type": .string(type), "id_token": "a.b.c"])
            }
        }
        #expect(throws: OpenIDConnectError.malformedTokens("id_token")) { try answer(["token_type": "Bearer"]) }
        #expect(throws: OpenIDConnectError.malformedTokens("token_type")) { try answer(["id_token": "a.b.c"]) }
        #expect(throws: OpenIDConnectError.malformedTokens("id_token")) {
            try answer(["token_type": "Bearer", "id_token": ["a.b.c"]])
        }
    }

    @Test("An answer that says no is understood, whatever else it says")
    func refusals() throws {
        func refusal(_ members: [String: JSONText]) -> Refusal? {
            do { _ = try answer(members) } catch OpenIDConnectError.refused(let refusal) { return refusal } catch {}
            return nil
        }
        let refused = refusal(["error": "invalid_grant", "error_description": "Code\nused", "error_uri": "x"])
        #expect(refused?.code == "invalid_grant")
        #expect(refused?.description == "Codeused")
        #expect(refusal(["error": "x", "token_type": "Bearer", "id_token": "a.b.c"])?.code == "x")
        for error in ["", "\u{E9}", 1, ["x"], [:], "a\"b"] as [JSONText] {
            #expect(throws: OpenIDConnectError.malformedTokens("error")) { try answer(["error": error]) }
        }
    }

    @Test("An answer is strict JSON, and read up to its limit")
    func strict() throws {
        let bytes = Array(#"{"token_type":"Bearer","id_token":"a.b.c"}"#.utf8)
        let room = [UInt8](repeating: 0x20, count: TokenResponse.largest - bytes.count)
        _ = try TokenResponse(bytes + room)
        #expect(throws: OpenIDConnectError.tooLarge) { try TokenResponse(bytes + room + [0x20]) }
        for text in [
            "", "[]", "access_token=x&id_token=a.b.c", "<html>",
            #"{"id_token":"a","id_token":"b","token_type":"Bearer"}"#,
            #"{"token_type":"Bearer","id_token":"a.b.c"}}"#,
        ] {
            #expect(throws: OpenIDConnectError.malformedTokens(""), "\(text)") { try TokenResponse(Array(text.utf8)) }
        }
    }
}
