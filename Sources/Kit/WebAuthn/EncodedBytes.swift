import Schemas
import Values

/// Bytes that are base64url in JSON (`Base64URLString`, WebAuthn §5.1).
package struct EncodedBytes: JSONField, Hashable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package static var schema: Schema { .text(1...RegistrationResponse.largest) }
    package func write(to json: inout JSONWriter) { json.string(Base64URL.encode(bytes)) }
    package init(json: JSONText) throws(JSONMismatch) {
        guard case .string(let text) = json, text.utf8.count <= RegistrationResponse.largest,
            let bytes = Base64URL.decode(text)
        else { throw JSONMismatch() }
        self.bytes = bytes
    }

    /// An id of a credential: 1 to 1023 bytes (§5.4.3).
    static let idSchema = Schema.text(2...1364)
}
