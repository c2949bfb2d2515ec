import Crypto
import OpenIDConnect
import Schemas
import Values

/// A provider in memory, which says whatever it is told to: a valid token whose parts can be changed one by one, before
/// they are signed.
package struct SoftProvider: Sendable {
    package static let issuer = "https://login.example/tenant"
    package static let redirect = "https://popug.example/sign-in/provider/callback"
    /// When its tokens are issued, if nothing else is said; in seconds since 1970.
    package static let issued: Int64 = 1_790_000_000
    package static let now = Instant(seconds: issued + 5)

    package static func secrets() throws -> SignInSecrets {
        let random = ["state", "nonce", "verifier"].flatMap { Array(SHA256.hash(data: Array($0.utf8))) }
        guard let secrets = SignInSecrets(random: random) else { throw OpenIDConnectError.state }
        return secrets
    }

    /// What is configured here.
    package static func provider(
        issuer: String = SoftProvider.issuer, clientID: String = "popug", secret: String? = "s3cret",
        rolesClaim: String? = "groups"
    ) throws -> Provider {
        guard let issuer = Issuer(issuer) else { throw OpenIDConnectError.issuer }
        return try Provider(issuer: issuer, clientID: clientID, clientSecret: secret, rolesClaim: rolesClaim)
    }

    package static func bytes(_ members: [String: JSONText]) -> [UInt8] {
        let sorted = members.sorted { $0.key < $1.key }.map { JSONText.Member(name: $0.key, value: $0.value) }
        return Array(JSONText.object(sorted).written.utf8)
    }

    // MARK: What it tells of itself

    package static let metadata: [String: JSONText] = [
        "issuer": .string(issuer),
        "authorization_endpoint": "https://login.example/tenant/authorize",
        "token_endpoint": "https://login.example/tenant/token",
        "jwks_uri": "https://keys.example/tenant",
        "response_types_supported": ["code", "id_token"],
        "id_token_signing_alg_values_supported": ["RS256", "PS256"],
        "subject_types_supported": ["pairwise"],
        "code_challenge_methods_supported": ["plain", "S256"],
    ]

    package static func metadata(
        _ changes: [String: JSONText?] = [:], of provider: Provider? = nil
    ) throws -> ProviderMetadata {
        let members = metadata.merging(changes.compactMapValues(\.self)) { $1 }.filter { changes[$0.key] != .some(nil) }
        return try ProviderMetadata(bytes(members), of: provider ?? SoftProvider.provider())
    }

    // MARK: What it signs

    package var header: [String: JSONText] = ["alg": "ES256", "kid": "one", "typ": "JWT"]
    package var claims: [String: JSONText] = [
        "iss": .string(SoftProvider.issuer), "aud": "popug", "sub": "248289761001",
        "iat": .number(String(SoftProvider.issued)), "exp": .number(String(SoftProvider.issued + 300)),
        "nonce": .string(Base64URL.encode(SHA256.hash(data: Array("nonce".utf8)))),
        "email": "polly@popug.example", "email_verified": true, "name": "Polly Popug",
        "groups": ["popug-admins", "staff"],
    ]
    /// Instead of ``header`` and ``claims``, if something else than an object's members is to be said.
    package var headerText: String?
    package var claimsText: String?
    package var privateKey: [UInt8]

    package func key(_ changes: [String: JSONText?] = [:]) throws -> [String: JSONText] {
        let point = Array(try P256.Signing.PrivateKey(rawRepresentation: privateKey).publicKey.rawRepresentation)
        let members: [String: JSONText] = [
            "kty": "EC", "crv": "P-256", "kid": "one", "use": "sig", "alg": "ES256",
            "x": .string(Base64URL.encode(point[..<32])), "y": .string(Base64URL.encode(point[32...])),
        ]
        return members.merging(changes.compactMapValues(\.self)) { $1 }.filter { changes[$0.key] != .some(nil) }
    }

    package static func set(_ keys: [[String: JSONText]]) throws -> [UInt8] {
        bytes(["keys": .list(try keys.map { try JSONText(bytes($0)) })])
    }

    package func keys() throws -> SigningKeys { try SigningKeys(SoftProvider.set([key()])) }

    package init(privateKey: [UInt8] = [UInt8](repeating: 7, count: 32)) { self.privateKey = privateKey }

    /// What is signed.
    package func signed() -> String {
        let header = headerText.map { Array($0.utf8) } ?? SoftProvider.bytes(self.header)
        let claims = claimsText.map { Array($0.utf8) } ?? SoftProvider.bytes(self.claims)
        return Base64URL.encode(header) + "." + Base64URL.encode(claims)
    }

    package func token() throws -> String {
        let text = signed()
        let key = try P256.Signing.PrivateKey(rawRepresentation: privateKey)
        return text + "." + Base64URL.encode(try key.signature(for: Array(text.utf8)).rawRepresentation)
    }
}
