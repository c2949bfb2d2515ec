import OpenIDConnect
import Schemas
import TestKit
import Testing
import Values

/// Valid tokens, keys, metadata and answers, changed at random: nothing crashes, and nothing gets in that was not
/// signed.
@Suite("Providers under hostile bytes")
struct OpenIDFuzzTests {
    private static let times = [SoftProvider.now, Instant(seconds: 0), Instant(seconds: 253_402_300_799)]

    @Test("A changed token is never accepted", arguments: IDTokenVector.all)
    func tokens(vector: IDTokenVector) throws {
        let keys = try SigningKeys(Array(vector.keys.utf8))
        let (provider, secrets) = (try SoftProvider.provider(), try SoftProvider.secrets())
        let parts = vector.token.parts(at: ".")
        let decoded = try parts.map { try #require(Base64URL.decode($0)) }
        var mutations = Mutations(seed: UInt64(vector.token.utf8.count))
        for round in 0..<900 {
            var text: String
            if round % 4 == 0 {
                text = String(
                    decoding: mutations.changed(Array(vector.token.utf8), times: 1 + round % 3), as: UTF8.self)
            } else {
                // One part changed before it is encoded, so that it is read.
                var other = parts
                let at = round % 4 - 1
                other[at] = Base64URL.encode(mutations.changed(decoded[at], times: 1 + round % 3))
                text = other.joined(separator: ".")
            }
            let accepted = try? IDToken.verified(
                text, with: keys, of: provider, secrets: secrets, now: SoftProvider.now)
            #expect(accepted == nil || text == vector.token, "\(text)")
        }
    }

    @Test("Changed claims are refused, or say for whom they are, though they are signed")
    func claims() throws {
        let (provider, secrets) = (try SoftProvider.provider(), try SoftProvider.secrets())
        let valid = SoftProvider.bytes(SoftProvider().claims)
        let keys = try SoftProvider().keys()
        var mutations = Mutations(seed: 11)
        for round in 0..<600 {
            var soft = SoftProvider()
            soft.claimsText = String(decoding: mutations.changed(valid, times: 1 + round % 3), as: UTF8.self)
            let now = Self.times[round % 3]
            guard
                let token = try? IDToken.verified(
                    soft.token(), with: keys, of: provider, secrets: secrets, now: now)
            else { continue }
            #expect((1...255).contains(token.subject.utf8.count))
            #expect(now < token.expiresAt.adding(seconds: 60) && token.issuedAt <= now.adding(seconds: 60))
            let claims = try JSONText(Array(try #require(soft.claimsText).utf8))
            #expect(claims.member("iss") == .string(SoftProvider.issuer))
            #expect(claims.member("nonce") == .string(secrets.nonce))
        }
    }

    @Test(
        "Changed sets of keys are refused, or hold no key that signed what is not theirs", arguments: IDTokenVector.all)
    func keys(vector: IDTokenVector) throws {
        var mutations = Mutations(seed: 12)
        let valid = try SigningKeys(Array(vector.keys.utf8))
        let signed = try SignedToken(vector.token)
        for round in 0..<500 {
            let bytes = mutations.changed(Array(vector.keys.utf8), times: 1 + round % 3)
            guard let keys = try? SigningKeys(bytes) else { continue }
            #expect((1...SigningKeys.most).contains(keys.all.count))
            guard (try? signed.verified(with: keys)) != nil else { continue }
            // It is the same key still, under whatever name that the token has.
            #expect(keys.all.contains { $0.name == valid.all[0].name && $0.algorithm == valid.all[0].algorithm })
        }
    }

    @Test("Changed metadata and answers are refused or read, and lead nowhere in clear text")
    func answers() throws {
        let (provider, secrets) = (try SoftProvider.provider(), try SoftProvider.secrets())
        let metadata = try SoftProvider.metadata()
        let document = SoftProvider.bytes(SoftProvider.metadata)
        let query = Array("code=abc%20d&state=\(secrets.state)&iss=\(PercentCoding.encode(SoftProvider.issuer))".utf8)
        let tokens = Array(#"{"access_token":"x","expires_in":60,"id_token":"a.b.c","token_type":"Bearer"}"#.utf8)
        var mutations = Mutations(seed: 13)
        for round in 0..<1500 {
            let times = 1 + round % 3
            if let read = try? ProviderMetadata(mutations.changed(document, times: times), of: provider) {
                for address in [read.authorizationEndpoint, read.tokenEndpoint, read.keysAddress] {
                    #expect(address.isSecure && address.text.hasPrefix("https://"))
                }
                _ = try AuthorizationRequest(
                    to: read, of: provider, redirect: SoftProvider.redirect, secrets: secrets)
            }
            let changed = String(decoding: mutations.changed(query, times: times), as: UTF8.self)
            if let read = try? AuthorizationResponse(query: changed, to: secrets, from: metadata, of: provider) {
                #expect((1...4096).contains(read.code.utf8.count) && changed.contains(secrets.state))
            }
            _ = try? TokenResponse(mutations.changed(tokens, times: times))
            _ = RoleMapping(
                String(decoding: mutations.changed(Array("a-b=admin,c%2Cd=boss".utf8), times: times), as: UTF8.self))
        }
    }
}
