import Messaging
import ServiceKit
import Storage
import Values

/// How far a service has come with its events: for metrics, the operations pages, and whoever waits for quiet.
package struct HostFigures: Sendable, Hashable {
    package struct Consumer: Sendable, Hashable {
        package let topic: String
        /// Events in the log that are not applied yet; `nil` where the log is away, so that nobody knows.
        package let lag: Int64?
        /// Applied, ignored as duplicates or out of turn, and parked since the start.
        package let applied: Int
        package let ignored: Int
        package let parked: Int
    }

    package let service: String
    /// Events in the journal without a number yet; counted up to 10,000.
    package let unnumbered: Int64
    /// Events that are numbered and not known to be in the log.
    package let unpublished: Int64
    package let consumers: [Consumer]
    package let parked: [ParkedCount]
    package let alarms: [String]

    /// Nothing is on its way.
    package var isQuiet: Bool {
        unnumbered == 0 && unpublished == 0 && consumers.allSatisfy { $0.lag == 0 }
    }
}

extension ServiceHost {
    /// Without what only the log could tell, where that is away.
    /// - Throws: what the database threw.
    @available(*, noasync)
    package func figures() throws -> HostFigures {
        // A topic has several where processes share its partitions.
        let byTopic = Dictionary(grouping: subscriptions, by: \.topic)
        let state = try database.read { [self] in try self.state(in: $0) }
        var consumers: [HostFigures.Consumer] = []
        for (topic, subscriptions) in byTopic.sorted(by: { $0.key.name < $1.key.name }) {
            let numbers = state.checkpoints[topic.name, default: [:]]
            // A log that has not answered is not asked for the next topic: each may take seconds.
            let lag = consumers.last.map { $0.lag != nil } ?? true ? try? lag(in: topic, after: numbers) : nil
            let statuses = subscriptions.map(\.status)
            consumers.append(
                HostFigures.Consumer(
                    topic: topic.name, lag: lag, applied: statuses.reduce(0) { $0 + $1.applied },
                    ignored: statuses.reduce(0) { $0 + $1.ignored }, parked: statuses.reduce(0) { $0 + $1.parked }))
        }
        return HostFigures(
            service: service.name, unnumbered: state.unnumbered, unpublished: state.unpublished - state.unnumbered,
            consumers: consumers, parked: state.parked, alarms: state.alarms)
    }

    /// What `/metrics` says of the host. Blocks, for seconds where the log is away.
    @available(*, noasync)
    package func gauges() -> [Gauge] {
        // What cannot be asked is left out: that a database is away shows in readiness.
        guard let figures = try? figures() else { return [] }
        let service = ("service", figures.service)
        var gauges = [
            Gauge(
                "popug_journal_unpublished", "Events in the journal that are not known to be in the log",
                labels: [service], value: Double(figures.unnumbered + figures.unpublished)),
            Gauge(
                "popug_log_away", "Whether the event log cannot be asked how far it goes", labels: [service],
                value: figures.consumers.contains { $0.lag == nil } ? 1 : 0),
            Gauge(
                "popug_parked_events", "Events that are parked", labels: [service],
                value: Double(figures.parked.reduce(0) { $0 + $1.events })),
        ]
        for consumer in figures.consumers {
            // What is not known is left out; that the log is away stands above.
            guard let lag = consumer.lag else { continue }
            gauges.append(
                Gauge(
                    "popug_consumer_lag", "Events in the log that are not applied yet",
                    labels: [service, ("topic", consumer.topic)], value: Double(lag)))
        }
        return gauges + ((try? database.read { [self] in try self.service.gauges(in: $0) }) ?? [])
    }

    private func lag(in topic: Topic, after numbers: [Int: Int64]) throws -> Int64 {
        try (0..<Topic.partitions).reduce(0) { lag, partition in
            lag + max(0, try log.tail(of: topic, partition: partition) - numbers[partition, default: 0])
        }
    }
}
