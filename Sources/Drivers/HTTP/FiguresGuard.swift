import HTTPTypes
import Hummingbird
import Values

/// Who may read `/metrics`: anyone who can open the socket, anyone who has the token, and this machine as long as
/// nobody else can reach the server. A proxy on this machine is on loopback too, and many proxies (nginx by default)
/// neither say that they are one nor pass on the `Host` that was asked for. So if the public address is not this
/// machine's own, or proxies are configured, a request from loopback says nothing about where it comes from.
package struct FiguresGuard: Sendable {
    private let token: MetricsToken?
    private let isSocket: Bool
    private let isPrivate: Bool

    private static let proxied: Set<String> = ["forwarded", "via", "x-real-ip"]

    package init(_ options: HTTPServer.Options) {
        token = options.metricsToken
        if case .socket = options.listen { isSocket = true } else { isSocket = false }
        let publicHost = options.publicAddress.firstRange(of: "://").map { options.publicAddress[$0.upperBound...] }
        isPrivate = options.trustedProxies.isEmpty && publicHost.map(FiguresGuard.isLoopback) ?? false
    }

    package func admits(_ request: Request, from peer: NetworkAddress?) -> Bool {
        if isSocket { return true }
        if let token, token.accepts(authorization: request.headers[.authorization]) { return true }
        guard isPrivate, peer?.isLoopback == true, let host = request.head.authority,
            FiguresGuard.isLoopback(host[...])
        else { return false }
        return !request.headers.contains { field in
            let name = field.name.canonicalName
            return FiguresGuard.proxied.contains(name) || name.hasPrefix("x-forwarded-")
        }
    }

    /// The answer to anyone who may not read it.
    package static let refusal = "only from this machine, or with the metrics-token\n"

    /// Whether a host, with or without a port, means this machine.
    private static func isLoopback(_ host: Substring) -> Bool {
        if let address = NetworkAddress(hop: host) { return address.isLoopback }
        return host.prefix { $0 != ":" }.lowercased() == "localhost"
    }
}
