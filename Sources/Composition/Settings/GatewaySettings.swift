import Foundation
import Gateway
import HTTPDriver
import Values

/// What the settings say of the gateway.
extension Settings {
    /// What the gateway and the services know each other by: set, from a file, or derived from the secret where there
    /// is one here.
    package func gatewayKey() throws -> GatewayKey? {
        let text: String
        if let found = find("gateway-key") {
            text = found.value
        } else if let path = find("gateway-key-file")?.value {
            text = try TextFile.line(path, whose: "gateway-key-file")
        } else {
            guard let secret = try? secret() else { return nil }
            return GatewayKey(secret: secret)
        }
        guard let key = GatewayKey(text) else {
            throw Failure(.configuration, "the gateway's key must be 64 hexadecimal digits")
        }
        return key
    }

    /// Where all services are.
    /// - Throws: ``Failure`` where that is not said of each.
    func upstreams() throws -> [String: [String]] {
        guard let upstreams = GatewayOptions.upstreams(find("upstreams")?.value ?? "") else {
            throw Failure(
                .configuration,
                "set upstreams to where the services are: identity=http://127.0.0.1:9001;tracker,payouts="
                    + "http://127.0.0.1:9002,http://127.0.0.1:9003")
        }
        let missing = Exchange.names.filter { upstreams[$0] == nil }
        guard missing.isEmpty else {
            throw Failure(.configuration, "upstreams names no address of \(missing.joined(separator: ", "))")
        }
        if let stranger = upstreams.keys.sorted().first(where: { !(Exchange.names + ["operations"]).contains($0) }) {
            throw Failure(.configuration, "upstreams names \(stranger), which is no service")
        }
        return upstreams
    }

    /// Everything that `popug gateway` is told.
    func gateway() throws -> GatewayOptions {
        let upstreams = try upstreams()
        guard let key = try gatewayKey() else {
            throw Failure(.configuration, "set gateway-key-file (or gateway-key), the same as for the services")
        }
        let (host, port) = try listen()
        var options = GatewayOptions(listen: .port(host: host, port: port), upstreams: upstreams, key: key)
        options.trustedProxies = try trustedProxies()
        options.metricsToken = try metricsToken()
        options.person = try rate("gateway-person-rate")
        options.address = try rate("gateway-address-rate")
        options.times.connect = try milliseconds("gateway-connect-time")
        options.times.firstByte = try milliseconds("gateway-answer-time")
        options.times.idle = try milliseconds("gateway-idle-time")
        options.times.whole = try milliseconds("gateway-whole-time")
        return options
    }

    /// `30/120`: 30 a second, 120 at once; 0 is no limit.
    private func rate(_ name: String) throws -> GatewayOptions.Rate {
        let parts = try required(name).parts(at: "/").map { Double($0) ?? -1 }
        if parts == [0] { return .init(perSecond: 0, burst: 1) }
        guard parts.count == 2, parts[0] > 0, parts[1] >= 1, parts[0] <= 1e6, parts[1] <= 1e6 else {
            throw Failure(.configuration, "\(name) must be like 30/120 (a second, at once), or 0 for no limit")
        }
        return .init(perSecond: parts[0], burst: parts[1])
    }

    /// Seconds, with decimals.
    private func milliseconds(_ name: String) throws -> Int64 {
        guard let seconds = Double(try required(name)), seconds >= 0.01, seconds <= 86_400 else {
            throw Failure(.configuration, "\(name) must be seconds, from 0.01 to 86400")
        }
        return Int64((seconds * 1000).rounded())
    }

    /// The company as far as pages without a person show it. A gateway may know no more than its name and address.
    func gatewayCompany() throws -> Company {
        if find("installation") != nil { return try company() }
        let zone = try SettingRules.zone(try required("time-zone"))
        guard let calendar = BusinessCalendar(zone: zone, closingHour: 0) else {
            throw Failure(.configuration, "time-zone is not understood")
        }
        return Company(
            installation: ID(high: 0, low: 0), name: try SettingRules.company(try required("company")),
            currency: try SettingRules.currency(try required("currency")), calendar: calendar,
            publicAddress: try SettingRules.publicAddress(try required("public-address")))
    }
}
