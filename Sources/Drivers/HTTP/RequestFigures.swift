import Synchronization

/// How many requests there were and how long they took, by method and path template.
package final class RequestFigures: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    package let metrics: MetricsRegistry
    private let cells = Mutex<[Key: (CounterCell, HistogramCell)]>([:])

    package init(metrics: MetricsRegistry) {
        self.metrics = metrics
    }

    package func count(_ method: String, _ route: String, _ status: Int, _ taken: Duration) {
        // Only methods that endpoints have: a caller must not be able to invent labels.
        let method = RequestFigures.methods.contains(method) ? method : "other"
        let key = Key(method: method, route: route, status: status)
        let (counter, histogram) = cells.withLock { cells in
            if let known = cells[key] { return known }
            let dimensions = [("method", method), ("route", route)]
            let made = (
                metrics.counter("popug_http_requests", dimensions + [("status", String(status))]),
                metrics.histogram("popug_http_request", dimensions, in: "_seconds")
            )
            cells[key] = made
            return made
        }
        counter.increment(by: 1)
        histogram.record(RequestFigures.milliseconds(taken) / 1000)
    }

    package static func milliseconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) * 1000 + Double(attoseconds / 1_000_000_000_000) / 1000
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
}
