import Foundation
import HTTPDriver
import Values

/// The settings about requests that come in, for a server or the gateway.
extension Settings {
    /// How a server listens, and which proxies and keys it trusts.
    func front(listen: HTTPServer.Listen, publicAddress: String) throws -> HTTPServer.Options {
        var options = HTTPServer.Options(listen: listen, publicAddress: publicAddress)
        options.gatewayKey = try gatewayKey()
        options.facesPeople = try spread() == nil
        options.trustedProxies = try trustedProxies()
        options.metricsToken = try metricsToken()
        return options
    }

    /// Proxies whose `X-Forwarded-For` is believed.
    package func trustedProxies() throws -> AddressSet {
        let proxies = try value(of: HouseSettings.trustedProxies)
        return proxies.isEmpty ? try value(of: HouseSettings.gatewayProxies) : proxies
    }

    /// The token with which other machines may read `/metrics`, if there is one.
    package func metricsToken() throws -> MetricsToken? { try value(of: HouseSettings.metricsToken) }
}
