import Crypto
import CryptoExtras

/// A credential's public key (RFC 9052 §7, WebAuthn §5.8.5), of one of three algorithms.
package struct COSEKey: Hashable, Sendable {
    /// What is signed with (WebAuthn §5.8.5, numbers of IANA's COSE registry), the best first.
    package enum Algorithm: Int64, CaseIterable, Sendable {
        /// ECDSA with P-256 and SHA-256 (RFC 9053 §2.1).
        case es256 = -7
        /// EdDSA with Ed25519 (RFC 9053 §2.2).
        case edDSA = -8
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8812 §2).
        case rs256 = -257
    }

    private enum Material: Sendable {
        case p256(P256.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    private let material: Material
    /// The key in the canonical form of CTAP2 (§8; WebAuthn §6.5.1.1), for storage.
    package let canonical: [UInt8]

    /// What it signs with (WebAuthn §5.8.5).
    package var algorithm: Algorithm {
        switch material {
        case .p256: .es256
        case .ed25519: .edDSA
        case .rsa: .rs256
        }
    }

    /// Reads a stored key, or one that an authenticator sent (WebAuthn §6.5.1).
    package init(_ bytes: [UInt8]) throws(WebAuthnError) {
        let value: CBOR
        do throws(CBOR.Fault) { value = try CBOR(bytes) } catch { throw .malformedKey }
        try self.init(value)
    }

    /// Reads a key from its map. It has the parameters of its algorithm and no others (WebAuthn §6.5.1: "MUST NOT contain
    /// any other OPTIONAL parameters").
    package init(_ value: CBOR) throws(WebAuthnError) {
        guard let number = value[.integer(Label.algorithm)]?.integer else { throw .malformedKey }
        guard let algorithm = Algorithm(rawValue: number) else { throw .algorithm }
        let material: Material? =
            switch algorithm {
            case .es256: COSEKey.p256(value)
            case .edDSA: COSEKey.ed25519(value)
            case .rs256: COSEKey.rsa(value)
            }
        guard let material else { throw .malformedKey }
        self.material = material
        canonical = value.encoded
    }

    /// Whether the signature is this key's over the bytes, in the form that WebAuthn has for its algorithm (§6.5.5):
    /// ASN.1 DER for ES256, 64 bytes for EdDSA, as long as the modulus for RS256.
    package func verify(_ signature: [UInt8], over bytes: [UInt8]) -> Bool {
        switch material {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: bytes)
        case .ed25519(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: bytes)
        case .rsa(let key):
            // RFC 8017 §8.2.2, step 1.
            guard signature.count == (key.keySizeInBits + 7) / 8 else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: bytes, padding: .insecurePKCS1v1_5)
        }
    }

    package static func == (left: COSEKey, right: COSEKey) -> Bool { left.canonical == right.canonical }
    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }
}

extension COSEKey {
    /// Common parameters (RFC 9052 §7.1), and parameters by type (RFC 9053 §7.1, §7.2; RFC 8230 §4).
    private enum Label {
        static let type: Int64 = 1
        static let algorithm: Int64 = 3
        static let curve: Int64 = -1
        static let x: Int64 = -2
        static let y: Int64 = -3
        static let modulus: Int64 = -1
        static let exponent: Int64 = -2
    }

    /// The parameters of a map with exactly these labels, if its type is `type`.
    private static func isOf(type: Int64, labels: [Int64], _ value: CBOR) -> Bool {
        guard let members = value.members, members.count == labels.count + 2 else { return false }
        return value[.integer(Label.type)]?.integer == type
            && labels.allSatisfy { value[.integer($0)] != nil }
    }

    /// Type EC2, P-256, the point uncompressed (WebAuthn §5.8.5) and on the curve.
    private static func p256(_ value: CBOR) -> Material? {
        guard isOf(type: 2, labels: [Label.curve, Label.x, Label.y], value),
            value[.integer(Label.curve)]?.integer == 1,
            let x = value[.integer(Label.x)]?.content, let y = value[.integer(Label.y)]?.content,
            x.count == 32, y.count == 32,
            let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
        else { return nil }
        return .p256(key)
    }

    /// Type OKP, Ed25519 (RFC 9053 §7.2). A point of small order is no key: anybody can sign for it.
    private static func ed25519(_ value: CBOR) -> Material? {
        guard isOf(type: 1, labels: [Label.curve, Label.x], value), value[.integer(Label.curve)]?.integer == 6,
            let x = value[.integer(Label.x)]?.content, x.count == 32, !Ed25519Point.isWeak(x),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: x)
        else { return nil }
        return .ed25519(key)
    }

    /// Type RSA (RFC 8230 §4): no leading zeros, 2048 to 4096 bits, the exponent odd, 3 at least and of four bytes at
    /// most.
    private static func rsa(_ value: CBOR) -> Material? {
        guard isOf(type: 3, labels: [Label.modulus, Label.exponent], value),
            let modulus = value[.integer(Label.modulus)]?.content,
            let exponent = value[.integer(Label.exponent)]?.content,
            let first = modulus.first, let last = modulus.last, first != 0, last & 1 == 1, modulus.count <= 512,
            modulus.count * 8 - first.leadingZeroBitCount >= 2048,
            let high = exponent.first, let low = exponent.last, high != 0, low & 1 == 1, exponent.count <= 4,
            exponent.count > 1 || low >= 3,
            let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
        else { return nil }
        return .rsa(key)
    }
}
