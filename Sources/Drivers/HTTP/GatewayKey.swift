import Crypto
import Values

/// The gateway sends it to the services, so that they believe it about the caller. 64 hexadecimal digits.
package struct GatewayKey: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    package let text: String

    /// Says nothing about the key, even if something that contains one is printed as a whole, for example into a log.
    package var description: String { "a gateway's key" }
    package var customMirror: Mirror { Mirror(reflecting: description) }

    /// `nil` for anything but 64 hexadecimal digits.
    package init?(_ text: String) {
        guard text.utf8.count == 64, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        self.text = text.lowercased()
    }

    /// The key derived from an installation's secret, used if none is set.
    package init(secret: [UInt8]) {
        let key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: secret), info: Array("popug gateway".utf8), outputByteCount: 32)
        let hex = Array("0123456789abcdef")
        text = key.withUnsafeBytes { bytes in String(bytes.flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] }) }
    }

    package func accepts(_ given: String?) -> Bool {
        given?.isSame(as: text) ?? false
    }
}
