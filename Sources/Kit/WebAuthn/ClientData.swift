import Crypto
import Schemas
import Values

/// What a browser says of the page that asked (`CollectedClientData`, WebAuthn §5.8.1).
package struct ClientData: Hashable, Sendable {
    /// `webauthn.create` or `webauthn.get`.
    package let type: String
    package let challenge: [UInt8]
    package let origin: String
    /// Whether a frame of another origin asked; false if it is not told (§5.8.1).
    package let isCrossOrigin: Bool
    /// The origin of the whole page, if a frame asked.
    package let topOrigin: String?
    /// SHA-256 of the bytes: what is signed (§7.2).
    package let hash: [UInt8]

    /// Reads the bytes strictly, as JSON without a byte order mark or repeated names. Members that are not known are
    /// ignored (§5.8.1).
    package init(_ bytes: [UInt8]) throws(WebAuthnError) {
        guard let json = try? JSONText(bytes),
            case .string(let type)? = json.member("type"), case .string(let origin)? = json.member("origin"),
            case .string(let text)? = json.member("challenge"), let challenge = Base64URL.decode(text)
        else { throw .malformedClientData }
        switch json.member("crossOrigin") {
        case nil: isCrossOrigin = false
        case .boolean(let value)?: isCrossOrigin = value
        default: throw .malformedClientData
        }
        switch json.member("topOrigin") {
        case nil: topOrigin = nil
        case .string(let origin)?: topOrigin = origin
        default: throw .malformedClientData
        }
        (self.type, self.challenge, self.origin) = (type, challenge, origin)
        hash = Array(SHA256.hash(data: bytes))
    }
}
