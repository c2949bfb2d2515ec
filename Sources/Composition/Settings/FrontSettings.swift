import Foundation
import HTTPDriver
import Values

/// What the settings say of whoever comes in, to a server or to the gateway.
extension Settings {
    /// How a server listens, and whom it believes.
    func front(listen: HTTPServer.Listen, publicAddress: String) throws -> HTTPServer.Options {
        var options = HTTPServer.Options(listen: listen, publicAddress: publicAddress)
        options.gatewayKey = try gatewayKey()
        options.facesPeople = try cluster() == nil
        options.trustedProxies = try trustedProxies()
        options.metricsToken = try metricsToken()
        return options
    }

    /// Proxies whose `X-Forwarded-For` is believed.
    package func trustedProxies() throws -> AddressSet {
        let proxies = try value(of: Settings.house.trustedProxies)
        return proxies.isEmpty ? try value(of: Settings.house.gatewayProxies) : proxies
    }

    /// What reads `/metrics` from elsewhere, where there is one.
    package func metricsToken() throws -> MetricsToken? { try value(of: Settings.house.metricsToken) }
}
