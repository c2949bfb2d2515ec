/// The durable log between services: SQLite in the embedded shape, RabbitMQ streams in the distributed one.
///
/// It keeps what it has confirmed, ordered by number in each partition. But it may hold a message twice, or lose
/// messages (a wiped broker). The relay and the subscriptions correct that by the numbers; the log promises no more.
///
/// It may contain messages that others have put there. A message without valid codes is not an event (X60): ``codes``
/// refuses it, no reader gets it, it does not count as a tail, and it blocks nothing. The event that really has its
/// number is stored and read anyway.
///
/// Its calls block: use them only on threads that we own, never in a task.
package protocol EventLog: Sendable {
    /// Tells events from other messages.
    var codes: EventCodes { get }

    /// Stores envelopes, which must be numbered and in order. Returns when they are durable.
    @available(*, noasync)
    func publish(_ envelopes: [Envelope], to topic: Topic) throws

    /// The number of the last message in a partition; 0 if the partition is empty.
    @available(*, noasync)
    func tail(of topic: Topic, partition: Int) throws -> Int64

    /// Whether a publisher must check the tails again before it continues: the log's storage was unreachable for a
    /// while, and may have come back without messages that it had confirmed. It is asked often and takes no time.
    func mayHaveForgotten(_ topic: Topic) -> Bool

    /// A reader of one topic, for one thread, which begins after the given numbers. Partitions that are not named are
    /// not read.
    @available(*, noasync)
    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader
}

extension EventLog {
    package func mayHaveForgotten(_ topic: Topic) -> Bool { false }
}
