import Schemas
import Values

/// What is signed, in the compact form (RFC 7515 §7.1): three parts of base64url. What its header says of keys, other
/// than a name, is never read: whoever made the token may have made them as well.
package struct SignedToken: Sendable {
    package let algorithm: SigningKey.Algorithm
    /// The name of the key; `nil` if it is not told (RFC 7515 §4.1.4).
    package let keyName: String?
    private let payload: [UInt8]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// How many bytes a token may be.
    package static let largest = 16_384

    package init(_ text: String) throws(OpenIDConnectError) {
        guard text.utf8.count <= SignedToken.largest else { throw .tooLarge }
        let parts = text.utf8.split(separator: UInt8(ascii: "."), maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(Substring(parts[0])), let json = try? JSONText(bytes),
            let header = try? Header(json: json), let payload = Base64URL.decode(Substring(parts[1])),
            let signature = Base64URL.decode(Substring(parts[2]))
        else { throw .malformedToken }
        guard json.member("crit") == nil else { throw .critical }
        guard let algorithm = SigningKey.Algorithm(rawValue: header.algorithm) else { throw .algorithm }
        (self.algorithm, keyName) = (algorithm, header.keyName)
        (self.payload, self.signature) = (payload, signature)
        signed = Array(parts[0]) + [UInt8(ascii: ".")] + Array(parts[1])
    }

    /// What was signed, if one of the keys has signed it.
    package func verified(with keys: SigningKeys) throws(OpenIDConnectError) -> [UInt8] {
        let fitting = try keys.keys(named: keyName, for: algorithm)
        guard fitting.contains(where: { $0.verify(signature, over: signed) }) else { throw .signature }
        return payload
    }

    /// The members of the header that are read (RFC 7515 §4.1).
    private struct Header: Shaped {
        let algorithm: String
        let keyName: String?

        static let shape = Shape("TokenHeader", Header.init) {
            Field("alg", \.algorithm, "What it is signed with")
            Field("kid", \.keyName, "With which key")
        }
    }
}
