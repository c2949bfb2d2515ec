import Logging
import Messaging
import Metrics
import Values

/// Tells of what a service's subscriptions do: figures of how long reactions take and how old events are when they are
/// applied, and a log entry for each event, with the id of the request that set it off.
struct ReactionWatch: Sendable {
    let service: String
    let environment: Environment
    let logger: Logger

    func note(_ outcome: Subscription.Outcome, of topic: Topic) {
        let labels = [("service", service), ("topic", topic.name)]
        let now = environment.now()
        if !outcome.applied.isEmpty {
            Timer(label: "popug_reaction", dimensions: labels).recordMilliseconds(outcome.milliseconds)
            Counter(label: "popug_events_applied", dimensions: labels).increment(by: outcome.applied.count)
            let age = Timer(label: "popug_event_age", dimensions: labels)
            for envelope in outcome.applied {
                age.recordMilliseconds(max(0, now.milliseconds - envelope.time.milliseconds))
            }
        }
        if logger.logLevel <= .debug {
            for envelope in outcome.applied { logger.debug("event applied", metadata: metadata(envelope)) }
        }
        for envelope in outcome.parked {
            var metadata = metadata(envelope)
            metadata["error"] = "\(outcome.error ?? "stands behind another of its key")"
            logger.warning("event parked", metadata: metadata)
        }
    }

    private func metadata(_ envelope: Envelope) -> Logger.Metadata {
        [
            "request": "\(envelope.trace)", "event": "\(envelope.id)", "topic": "\(envelope.topic)",
            "name": "\(envelope.type)", "key": "\(envelope.key)",
            "place": "\(envelope.partition)/\(envelope.number)",
        ]
    }
}
