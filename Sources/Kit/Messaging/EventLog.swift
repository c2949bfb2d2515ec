import Storage
import Values

/// The durable log between services: SQLite in the embedded shape, RabbitMQ streams in the distributed one.
///
/// It keeps what it has confirmed in the order of numbers per partition, but may also hold a message twice, or lose
/// messages (a wiped broker). The relay and the subscriptions put that right by the numbers; the log promises no more.
///
/// It may hold what others have put there. A message without right codes is no event (X60): it is refused by ``codes``,
/// handed to nobody, no tail, and in nobody's way: the event that has its number is stored and read nevertheless.
///
/// Its calls block: they are for threads that we own, never for a task.
package protocol EventLog: Sendable {
    /// By which events are told from anything else.
    var codes: EventCodes { get }

    /// Stores the envelopes, which are numbered and in order, and returns when they are durable.
    @available(*, noasync)
    func publish(_ envelopes: [Envelope], to topic: Topic) throws

    /// The number of the last message in a partition; 0 where it is empty.
    @available(*, noasync)
    func tail(of topic: Topic, partition: Int) throws -> Int64

    /// Whether a publisher must look at the tails again before it goes on: what kept the log was away for a while, and
    /// may have come back without what it had confirmed. Asked often; takes no time.
    func mayHaveForgotten(_ topic: Topic) -> Bool

    /// A reader of one topic, for one thread, which begins after the given numbers; partitions that are not named are
    /// not read.
    @available(*, noasync)
    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader
}

extension EventLog {
    package func mayHaveForgotten(_ topic: Topic) -> Bool { false }
}

/// Reads the partitions of one topic, each in its order. Used by one thread at a time, but for ``wake()``.
package protocol EventReader: AnyObject, Sendable {
    /// The next messages, at most `limit`; waits up to `seconds` where there is none, and then returns none. A message
    /// comes again or out of turn only as ``EventLog`` says.
    @available(*, noasync)
    func next(limit: Int, waiting seconds: Double) throws -> [Envelope]

    /// Goes on after `number` in this partition, backwards or forwards.
    @available(*, noasync)
    func seek(partition: Int, after number: Int64) throws

    /// Makes a waiting ``next(limit:waiting:)`` return, from another thread.
    func wake()
}
