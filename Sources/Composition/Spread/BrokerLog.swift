import Foundation
import Logging
import Messaging
import SQLiteDriver
import Values

/// Opens the event log that `log` names.
enum BrokerLog {
    /// - Throws: ``Failure`` for an address that is none, `StorageError` where a file cannot be opened. A broker that is
    ///   away is none: people work on, and their events wait.
    static func open(_ addresses: [String], logger: Logger, environment: Values.Environment) throws -> any ClosableLog {
        // For processes on one machine, without a broker: a file that they share.
        if addresses.count == 1, let path = addresses.first, path.hasPrefix("sqlite:") {
            return try SQLiteEventLog(path: String(path.dropFirst("sqlite:".count)), now: environment.now())
        }
        throw Failure(.configuration, "log must be addresses like amqp://popug:password@broker.example.com:5672")
    }
}

extension SQLiteEventLog: ClosableLog {}
