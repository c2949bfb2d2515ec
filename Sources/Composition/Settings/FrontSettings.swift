import Foundation
import HTTPDriver
import Values

/// What the settings say of whoever comes in, to a server or to the gateway.
extension Settings {
    /// How a server listens, and whom it believes.
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
        let text = [find("trusted-proxies"), find("gateway-proxies")].lazy.compactMap { $0?.value }
            .first { !$0.isEmpty }
        guard let proxies = AddressSet(text ?? "") else {
            throw Failure(
                .configuration, "trusted-proxies must be addresses, such as 127.0.0.1,10.0.0.0/8,2001:db8::/32")
        }
        return proxies
    }

    /// What reads `/metrics` from elsewhere, where there is one.
    package func metricsToken() throws -> MetricsToken? {
        let text: String
        if let found = find("metrics-token") {
            text = found.value
        } else if let path = find("metrics-token-file")?.value {
            text = try TextFile.line(path, whose: "metrics-token-file")
        } else {
            return nil
        }
        guard let token = MetricsToken(text) else {
            throw Failure(.configuration, "the metrics token must have 16 to 1000 characters, and no spaces")
        }
        return token
    }
}
