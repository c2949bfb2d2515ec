import Storage
import Values

/// What a service does when another service's event arrives: a function in the transaction that also moves the
/// checkpoint, so that its effect happens once (X40).
package struct Reaction: Sendable {
    package let topic: Topic
    /// The event types that it takes, as `name.version`: `task-created.1`.
    package let events: Set<String>
    package let apply: @Sendable (_ envelopes: [Envelope], _ transaction: any Transaction) throws -> Void

    /// A reaction to one event at a time, in this version or an older one that it knows. `apply` gets the event and its
    /// envelope. Use the envelope's id as the effect's unique key, and take the effect's time from the environment.
    package init<E: Event>(
        to type: E.Type,
        apply: @escaping @Sendable (_ event: E, _ envelope: Envelope, _ transaction: any Transaction) throws -> Void
    ) {
        topic = E.topic
        events = E.types
        self.apply = { envelopes, transaction in
            for envelope in envelopes { try apply(envelope.event(E.self), envelope, transaction) }
        }
    }

    /// A reaction to many events at once, of several types, in the order of their partitions: for effects that are much
    /// cheaper together. If it throws for several events, the subscription calls it again with each alone, and parks
    /// the one that fails. `events` are ``Event/types``, all versions that the event is read from.
    package init(
        toMany events: Set<String>, of topic: Topic,
        apply: @escaping @Sendable (_ envelopes: [Envelope], _ transaction: any Transaction) throws -> Void
    ) {
        self.topic = topic
        self.events = events
        self.apply = apply
    }
}
