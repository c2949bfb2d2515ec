import ServiceKit
import Values

/// Host and port to listen on.
package struct ListenAddress: Sendable {
    package let host: String
    package let port: Int

    package init?(_ text: String) {
        var pieces = text.parts(at: ":")
        guard pieces.count > 1, let last = pieces.popLast(), let port = SettingText.whole(last, 0...65_535) else {
            return nil
        }
        let place = pieces.joined(separator: ":")
        let isBracketed = place.begins(with: "[") && place.utf8.last == UInt8(ascii: "]")
        let host = isBracketed ? String(place.dropFirst().dropLast()) : place
        let isName = !host.isEmpty && !host.unicodeScalars.contains { " /[]:".unicodeScalars.contains($0) }
        guard host.has(":") ? NetworkAddress(host) != nil : isName && !isBracketed else { return nil }
        self.host = host
        self.port = port
    }

    /// As it stands in an address: `[::1]:8080`.
    static func authority(_ host: String, _ port: Int) -> String {
        host.has(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
