import Gateway
import ServiceKit

/// Where the processes are that run each service.
enum ServiceAddresses {
    /// - Throws: ``SettingError`` where that is not said of each.
    static func read(_ text: String) throws -> [String: [String]] {
        guard let upstreams = GatewayOptions.upstreams(text) else { throw missing }
        let absent = Services.names.filter { upstreams[$0] == nil }
        guard absent.isEmpty else {
            throw SettingError("upstreams names no address of \(absent.joined(separator: ", "))")
        }
        if let stranger = upstreams.keys.sorted().first(where: { !(Services.names + ["operations"]).contains($0) }) {
            throw SettingError("upstreams names \(stranger), which is no service")
        }
        return upstreams
    }

    static let missing = SettingError(
        "set upstreams to where the services are: identity=http://127.0.0.1:9001;tracker,payouts="
            + "http://127.0.0.1:9002,http://127.0.0.1:9003")
}
