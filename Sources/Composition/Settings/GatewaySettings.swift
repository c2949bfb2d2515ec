import Foundation
import Gateway
import HTTPDriver
import ServiceKit
import Values

/// The settings of the gateway.
extension Settings {
    /// The key by which the gateway and the services recognise each other: set directly, from a file, or derived from
    /// the secret if there is one here.
    package func gatewayKey() throws -> GatewayKey? {
        if let key = try value(of: Settings.house.gatewayKey) { return key }
        guard let secret = try? secret() else { return nil }
        return GatewayKey(secret: secret)
    }

    /// The addresses of all services.
    /// - Throws: ``Failure`` if a service has none.
    func upstreams() throws -> [String: [String]] {
        guard let upstreams = try value(of: Settings.house.upstreams) else {
            throw Failure(.configuration, ServiceAddresses.missing.description)
        }
        return upstreams
    }

    /// All options of `popug gateway`.
    func gateway() throws -> GatewayOptions {
        let upstreams = try upstreams()
        guard let key = try gatewayKey() else {
            throw Failure(.configuration, "set gateway-key-file (or gateway-key), the same as for the services")
        }
        let listen = try value(of: Settings.house.listen)
        var options = GatewayOptions(
            listen: .port(host: listen.host, port: listen.port), upstreams: upstreams, key: key)
        options.trustedProxies = try trustedProxies()
        options.metricsToken = try metricsToken()
        options.person = try value(of: Settings.house.personRate)
        options.address = try value(of: Settings.house.addressRate)
        options.times.connect = try value(of: Settings.house.connectTime)
        options.times.firstByte = try value(of: Settings.house.answerTime)
        options.times.idle = try value(of: Settings.house.idleTime)
        options.times.whole = try value(of: Settings.house.wholeTime)
        return options
    }

    /// What pages without a signed-in person show about the company. A gateway may know only its name and address.
    func gatewayCompany() throws -> Company {
        if find("installation") != nil { return try company() }
        let zone = try value(of: Settings.house.zone)
        guard let calendar = BusinessCalendar(zone: zone, closingHour: 0) else {
            throw Failure(.configuration, "time-zone is not understood")
        }
        return Company(
            installation: ID(high: 0, low: 0), name: try value(of: Settings.house.company),
            currency: try value(of: Settings.house.currency), calendar: calendar,
            publicAddress: try value(of: Settings.house.publicAddress))
    }
}
