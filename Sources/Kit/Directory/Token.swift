import Crypto
import Foundation
import Values

/// A proof of identity, signed by Identity and checked by every service on its own (X5): a JWT (RFC 7519) with ES256
/// only. It says who the person is, never what they may do; that is in the service's Directory (X7).
package enum Token {
    package struct Claims: Hashable, Sendable {
        package let person: ID
        /// The session, which ends at sign-out. A token whose session was revoked is refused.
        package let session: ID
        /// Precise to the second, as in the token.
        package let issued: Instant
        package let expires: Instant
        /// When the person last proved who they are, in one of their ways to sign in (OpenID Connect's `auth_time`), to
        /// the second; `nil` for a program's token, because no person is present.
        package let proven: Instant?
        /// What a program may change, see ``Scope`` (RFC 8693's `scope`); `nil` for a person, who may change what
        /// their roles allow.
        package let scopes: Set<String>?

        package init(
            person: ID, session: ID, issued: Instant, expires: Instant, proven: Instant? = nil,
            scopes: Set<String>? = nil
        ) {
            self.person = person
            self.session = session
            self.issued = Instant(seconds: issued.seconds)
            self.expires = Instant(seconds: expires.seconds)
            self.proven = proven.map { Instant(seconds: $0.seconds) }
            self.scopes = scopes
        }
    }

    /// Why a token is refused.
    package enum Failure: Error, Hashable, Sendable {
        case malformed
        /// Signed with a key that is not among those given. Carries the key's id.
        case unknownKey(String)
        case badSignature
        case expired
        case notYet
    }

    /// Longer texts are refused unread.
    package static let longest = 2048
    /// The years with four digits, in seconds.
    private static let times: ClosedRange<Int64> = 0...253_402_300_799
    /// How far the clocks of the signer and the checker may differ.
    private static let skewSeconds: Int64 = 30

    private struct Header: Codable {
        var alg: String
        var kid: String
        var typ: String?
        /// Extensions that a reader must understand. This reader understands none.
        var crit: [String]?
    }

    private struct Payload: Codable {
        var sub: ID
        var sid: ID
        var iat: Int64
        var exp: Int64
        var proven: Int64?
        /// Separated by spaces; empty if only reading is allowed.
        var scope: String?

        enum CodingKeys: String, CodingKey {
            case sub, sid, iat, exp, scope
            case proven = "auth_time"
        }
    }

    /// - Parameter privateKey: the raw 32 bytes of a P-256 key.
    package static func sign(_ claims: Claims, keyID: String, privateKey: [UInt8]) throws -> String {
        let key = try P256.Signing.PrivateKey(rawRepresentation: privateKey)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let header = try encoder.encode(Header(alg: "ES256", kid: keyID, typ: "JWT"))
        let payload = try encoder.encode(
            Payload(
                sub: claims.person, sid: claims.session, iat: claims.issued.seconds, exp: claims.expires.seconds,
                proven: claims.proven?.seconds, scope: claims.scopes?.sorted().joined(separator: " ")))
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(payload)
        let signature = try key.signature(for: Array(signed.utf8))
        return signed + "." + Base64URL.encode(signature.rawRepresentation)
    }

    /// - Parameter keys: public keys by id, 65 bytes each, uncompressed.
    /// - Throws: ``Failure``.
    package static func verify(_ text: String, keys: [String: [UInt8]], now: Instant) throws(Failure) -> Claims {
        guard text.utf8.count <= longest else { throw .malformed }
        let parts = text.parts(at: ".")
        guard parts.count == 3,
            let headerBytes = Base64URL.decode(parts[0]), let payloadBytes = Base64URL.decode(parts[1]),
            let signatureBytes = Base64URL.decode(parts[2]), signatureBytes.count == 64,
            let header = try? JSONDecoder().decode(Header.self, from: Data(headerBytes)),
            header.alg == "ES256", header.typ == nil || header.typ == "JWT", header.crit == nil
        else { throw .malformed }
        guard let keyBytes = keys[header.kid] else { throw .unknownKey(header.kid) }
        guard let key = try? P256.Signing.PublicKey(x963Representation: keyBytes),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signatureBytes),
            key.isValidSignature(signature, for: Array(text.utf8.prefix(parts[0].utf8.count + 1 + parts[1].utf8.count)))
        else { throw .badSignature }
        guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(payloadBytes)),
            times.contains(payload.iat), times.contains(payload.exp), times.contains(payload.proven ?? 0)
        else { throw .malformed }
        let claims = Claims(
            person: payload.sub, session: payload.sid, issued: Instant(seconds: payload.iat),
            expires: Instant(seconds: payload.exp), proven: payload.proven.map { Instant(seconds: $0) },
            scopes: payload.scope.map { Set($0.words()) })
        try check(claims, now: now)
        return claims
    }

    /// Checks that claims that were verified before are still valid.
    package static func check(_ claims: Claims, now: Instant) throws(Failure) {
        guard now < claims.expires else { throw .expired }
        guard claims.issued <= now.adding(seconds: skewSeconds) else { throw .notYet }
    }
}
