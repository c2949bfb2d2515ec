import Crypto
import Foundation
import Values

/// How two programs that share a secret sign requests to each other: the exchange and a provider, in both directions
/// (docs/payouts.md), and processes of one installation. There is one header, `Popug-Signature: t=SECONDS,v1=HEX`. HEX
/// is the HMAC-SHA256, under the secret, of the time, the method, the path and the body.
package enum SignedRequest {
    /// The header's name.
    package static let header = "Popug-Signature"
    /// How far the time may be off, in seconds. So a recorded request cannot be sent again later.
    package static let tolerance: Int64 = 300

    /// The header's value.
    package static func value(
        _ method: String, _ path: String, body: [UInt8], at now: Instant, secret: [UInt8]
    ) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: signed(String(now.seconds), method, path, body), using: SymmetricKey(data: secret))
        return "t=\(now.seconds),v1=\(Hexadecimal.text(code))"
    }

    /// Whether a header's value is valid, and its time is recent.
    package static func accepts(
        _ value: String?, _ method: String, _ path: String, body: [UInt8], now: Instant, secret: [UInt8]
    ) -> Bool {
        guard let value, value.utf8.count <= 200 else { return false }
        var fields: [String: String] = [:]
        for part in value.parts(at: ",") {
            let pair = part.parts(at: "=", most: 2)
            guard pair.count == 2 else { return false }
            fields[pair[0].trimmed()] = pair[1]
        }
        guard let time = fields["t"], let seconds = Int64(time), seconds > 0, seconds < 1 << 40,
            abs(now.seconds - seconds) <= tolerance, let given = Hexadecimal.bytes(fields["v1"] ?? "")
        else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: signed(time, method, path, body), using: SymmetricKey(data: secret))
    }

    private static func signed(_ time: String, _ method: String, _ path: String, _ body: [UInt8]) -> [UInt8] {
        Array("\(time)\n\(method)\n\(path)\n".utf8) + body
    }
}
