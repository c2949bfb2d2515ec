import Messaging
import Storage

/// An event log for services that are only looked at.
struct NoLog: EventLog {
    let codes: EventCodes

    func publish(_ envelopes: [Envelope], to topic: Topic) throws { throw StorageError.closed }
    func tail(of topic: Topic, partition: Int) throws -> Int64 { throw StorageError.closed }
    func reader(of topic: Topic, after numbers: [Int: Int64]) throws -> any EventReader { throw StorageError.closed }
}
