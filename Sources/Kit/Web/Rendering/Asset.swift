import Crypto

/// A file that pages load: style, script, icon. Served under `/assets/NAME?v=VERSION`. Because the version is in the
/// address, it may be cached for good.
package struct Asset: Sendable {
    package let name: String
    package let type: String
    package let bytes: [UInt8]
    /// Changes with the content.
    package let version: String

    private init(_ name: String, _ type: String, _ bytes: [UInt8]) {
        self.name = name
        self.type = type
        self.bytes = bytes
        let hex = Array("0123456789abcdef")
        version = String(SHA256.hash(data: bytes).prefix(6).flatMap { [hex[Int($0 >> 4)], hex[Int($0 & 15)]] })
    }

    package static let all: [Asset] = [
        Asset("popug.css", "text/css; charset=utf-8", PackageResources.popug_css),
        Asset("popug.js", "text/javascript; charset=utf-8", PackageResources.popug_js),
        Asset("passkeys.js", "text/javascript; charset=utf-8", PackageResources.passkeys_js),
        Asset("live.js", "text/javascript; charset=utf-8", PackageResources.live_js),
        Asset("find.js", "text/javascript; charset=utf-8", PackageResources.find_js),
        Asset("icon.svg", "image/svg+xml", PackageResources.icon_svg),
    ]

    package static func named(_ name: String) -> Asset? {
        all.first { $0.name == name }
    }

    /// `/assets/popug.css?v=0f3c…`
    package static func address(_ name: String) -> String {
        "/assets/\(name)" + (named(name).map { "?v=\($0.version)" } ?? "")
    }
}
