import Crypto
import Values

/// What binds a code to who asked for it (PKCE, RFC 7636): the provider is told its hash first, and itself with the
/// code.
package struct CodeVerifier: Hashable, Sendable {
    package let text: String

    /// From random bytes: 32 at least (RFC 7636 §4.1, §7.1); `nil` for fewer, or more than fit.
    package init?(random bytes: [UInt8]) {
        guard bytes.count >= 32 else { return nil }
        self.init(Base64URL.encode(bytes))
    }

    /// One that was kept: 43 to 128 letters, digits and `-._~` (RFC 7636 §4.1).
    package init?(_ text: String) {
        guard (43...128).contains(text.utf8.count), PercentCoding.encode(text) == text else { return nil }
        self.text = text
    }

    /// What the provider is told first: `BASE64URL(SHA256(verifier))`, the method `S256` (RFC 7636 §4.2).
    package var challenge: String { Base64URL.encode(SHA256.hash(data: Array(text.utf8))) }
}
