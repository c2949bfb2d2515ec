/// Where a provider tells what it can (OpenID Connect Discovery §4).
package enum Discovery {
    /// The address of its ``ProviderMetadata``: a `/` at the issuer's end is dropped (Discovery §4.1).
    package static func address(of issuer: Issuer) -> String {
        var bytes = Array(issuer.text.utf8)
        if bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self) + "/.well-known/openid-configuration"
    }
}
