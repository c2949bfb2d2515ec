import Hosting
import Messaging
import ServiceKit
import Values

/// The services' figures for `/metrics`, gathered apart from the code that answers requests.
package final class GaugeCollector: Sendable {
    private let hosts: [CachedValue<[Gauge]>]
    private let codes: EventCodes

    package init(of exchange: Exchange) {
        hosts = exchange.hosts.map { host in
            CachedValue(uptime: exchange.environment.uptime) { host.gauges() }
        }
        codes = exchange.log.codes
    }

    package func gauges() async -> [Gauge] {
        // All at once: while the log is away each host may take seconds.
        let found = await withTaskGroup(of: (Int, [Gauge]).self) { group in
            for (place, host) in hosts.enumerated() { group.addTask { (place, await host.value()) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return hosts.indices.flatMap { found[$0] ?? [] }
            + codes.refused.map { topic, count in
                Gauge(
                    "popug_refused_events", "Messages and rows without right codes, refused since the start",
                    labels: [("topic", topic)], value: Double(count))
            }
    }
}
