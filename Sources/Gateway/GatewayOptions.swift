import HTTPDriver
import Values
import Web

/// What the gateway is told when it starts.
package struct GatewayOptions: Sendable {
    /// How long things may take, in milliseconds.
    package struct Times: Sendable, Hashable {
        /// Until a connection to a process is made.
        package var connect: Int64 = 1000
        /// From the end of the request to the answer's first byte.
        package var firstByte: Int64 = 30_000
        /// Between two pieces of an answer.
        package var idle: Int64 = 60_000
        /// For a whole answer, except server-sent events.
        package var whole: Int64 = 300_000
        /// Between two probes of a process whose circuit is open; this is the first pause, later ones double up to
        /// sixteen times.
        package var probe: Int64 = 500

        package init() {}
    }

    package var listen: HTTPServer.Listen
    /// The addresses of the processes of each service, `http://127.0.0.1:9001`. If `operations` is not named, it has
    /// the addresses of `identity`.
    package var upstreams: [String: [String]]
    package var key: GatewayKey
    /// Proxies in front of the gateway whose `X-Forwarded-For` is believed.
    package var trustedProxies = AddressSet()
    /// Anyone who sends this token may read `/metrics` from anywhere.
    package var metricsToken: MetricsToken?
    package var times = Times()
    package var person = Rate(perSecond: 30, burst: 120)
    package var address = Rate(perSecond: 100, burst: 400)
    /// How many live streams there may be at a time.
    package var mostStreams = 20_000

    package init(listen: HTTPServer.Listen, upstreams: [String: [String]], key: GatewayKey) {
        self.listen = listen
        self.upstreams = upstreams
        self.key = key
    }

    /// Reads `identity=http://127.0.0.1:9001;tracker,payouts=http://127.0.0.1:9002,http://127.0.0.1:9003`.
    /// - Returns: `nil` if the text does not have this form.
    package static func upstreams(_ text: String) -> [String: [String]]? {
        var all: [String: [String]] = [:]
        for group in text.split(separator: ";") {
            let sides = group.split(separator: "=", maxSplits: 1).map { $0.filter { !$0.isWhitespace } }
            guard sides.count == 2 else { return nil }
            let addresses = sides[1].split(separator: ",").map(String.init)
            guard !addresses.isEmpty, addresses.allSatisfy(isAddress) else { return nil }
            for name in sides[0].split(separator: ",") {
                guard all.updateValue(addresses, forKey: String(name)) == nil else { return nil }
            }
        }
        return all.isEmpty ? nil : all
    }

    private static func isAddress(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
        let rest = text.dropFirst(scheme.count)
        return !rest.isEmpty && rest.allSatisfy { $0.isLetter || $0.isNumber || ".-:[]_".contains($0) }
    }
}
