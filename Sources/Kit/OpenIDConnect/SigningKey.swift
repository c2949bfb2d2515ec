import Crypto
import CryptoExtras
import Schemas
import Values

/// A public key that a provider signs with (RFC 7517 §4, RFC 7518 §6), of one of two algorithms.
package struct SigningKey: Hashable, Sendable {
    /// What ID tokens are signed with (RFC 7518 §3.1): what every provider has, and what the better ones have beside.
    package enum Algorithm: String, Sendable {
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
        case rs256 = "RS256"
        /// ECDSA with P-256 and SHA-256 (RFC 7518 §3.4).
        case es256 = "ES256"
    }

    private enum Material: Sendable {
        case rsa(_RSA.Signing.PublicKey)
        case p256(P256.Signing.PublicKey)
    }

    /// The key's id; `nil` if it has none (RFC 7517 §4.5).
    package let name: String?
    private let material: Material
    /// The numbers that the key is made of, for comparison.
    private let numbers: [[UInt8]]

    package var algorithm: Algorithm {
        switch material {
        case .rsa: .rs256
        case .p256: .es256
        }
    }

    /// Reads a JWK. `nil` for one that is not understood, not meant for this, or not safe: a set may hold such keys,
    /// and they are as if they were not there (RFC 7517 §5).
    init?(_ json: JSONText) {
        // A key whose secret half is public is no key of anybody's.
        guard let parts = try? Parts(json: json), json.member("d") == nil, parts.use ?? "sig" == "sig",
            parts.operations?.contains("verify") ?? true, let read = SigningKey.read(parts)
        else { return nil }
        (name, material, numbers) = (parts.name, read.material, read.numbers)
        guard parts.algorithm ?? algorithm.rawValue == algorithm.rawValue else { return nil }
    }

    /// Whether a token means this key.
    func isNamed(_ name: String) -> Bool { self.name?.utf8.elementsEqual(name.utf8) ?? false }

    /// Whether the signature is this key's over the bytes: as long as the modulus for RS256 (RFC 8017 §8.2.2), 64 bytes
    /// for ES256 (RFC 7518 §3.4).
    func verify(_ signature: [UInt8], over bytes: [UInt8]) -> Bool {
        switch material {
        case .rsa(let key):
            guard signature.count == (key.keySizeInBits + 7) / 8 else { return false }
            return key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: bytes, padding: .insecurePKCS1v1_5)
        case .p256(let key):
            guard signature.count == 64,
                let signature = try? P256.Signing.ECDSASignature(rawRepresentation: signature)
            else { return false }
            return key.isValidSignature(signature, for: bytes)
        }
    }

    package static func == (left: SigningKey, right: SigningKey) -> Bool {
        left.name == right.name && left.numbers == right.numbers
    }
    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(numbers)
    }
}

extension SigningKey {
    /// The members that are read.
    private struct Parts: Shaped {
        let type: String
        let name: String?
        let use: String?
        let operations: [String]?
        let algorithm: String?
        let modulus: String?
        let exponent: String?
        let curve: String?
        let x: String?
        let y: String?

        static let shape = Shape("SigningKey", Parts.init) {
            Field("kty", \.type, "What kind of key it is")
            Field("kid", \.name, "Its id")
            Field("use", \.use, "What it is for")
            Field("key_ops", \.operations, "What is done with it")
            Field("alg", \.algorithm, "What it is used with")
            Field("n", \.modulus, "RSA: the modulus; base64url")
            Field("e", \.exponent, "RSA: the exponent; base64url")
            Field("crv", \.curve, "EC: the curve")
            Field("x", \.x, "EC: a coordinate; base64url")
            Field("y", \.y, "EC: a coordinate; base64url")
        }
    }

    private static func read(_ parts: Parts) -> (material: Material, numbers: [[UInt8]])? {
        switch parts.type {
        case "RSA": rsa(parts)
        case "EC": p256(parts)
        default: nil
        }
    }

    /// RFC 7518 §6.3.1: no leading zeros; 2048 to 8192 bits, the exponent odd, 65537 at least and of four bytes at
    /// most.
    private static func rsa(_ parts: Parts) -> (material: Material, numbers: [[UInt8]])? {
        guard let modulus = parts.modulus.flatMap({ Base64URL.decode($0) }),
            let exponent = parts.exponent.flatMap({ Base64URL.decode($0) }),
            let first = modulus.first, let last = modulus.last, first != 0, last & 1 == 1, modulus.count <= 1024,
            modulus.count * 8 - first.leadingZeroBitCount >= 2048,
            let high = exponent.first, let low = exponent.last, high != 0, low & 1 == 1, exponent.count <= 4,
            exponent.reduce(0, { $0 << 8 | Int($1) }) >= 65_537,
            let key = try? _RSA.Signing.PublicKey(n: modulus, e: exponent)
        else { return nil }
        return (.rsa(key), [modulus, exponent])
    }

    /// RFC 7518 §6.2.1: both coordinates of full length, and the point on the curve.
    private static func p256(_ parts: Parts) -> (material: Material, numbers: [[UInt8]])? {
        guard parts.curve == "P-256", let x = parts.x.flatMap({ Base64URL.decode($0) }), x.count == 32,
            let y = parts.y.flatMap({ Base64URL.decode($0) }), y.count == 32,
            let key = try? P256.Signing.PublicKey(rawRepresentation: x + y)
        else { return nil }
        return (.p256(key), [x, y])
    }
}
