import Foundation
import Logging
import Messaging
import RabbitMQDriver
import SQLiteDriver
import Values

/// Opens the event log that the setting `log` names.
enum BrokerLog {
    /// - Throws: ``Failure`` for an invalid address, `StorageError` if a file cannot be opened. A broker that is away
    ///   is not an error: people can work, and their events wait.
    static func open(
        _ cluster: ClusterSettings, codes: EventCodes, logger: Logger, environment: Values.Environment
    ) throws -> any ClosableLog {
        let addresses = cluster.log
        // For processes on one machine, without a broker: a file that they share.
        if addresses.count == 1, let path = addresses.first, path.hasPrefix("sqlite:") {
            return try SQLiteEventLog(
                path: String(path.dropFirst("sqlite:".count)), codes: codes, now: environment.now())
        }
        do {
            var settings = try RabbitMQSettings(addresses.joined(separator: ","))
            settings.authorities = cluster.logAuthorities
            return RabbitMQLog(settings, codes: codes, logger: logger)
        } catch let error as RabbitMQSettings.Unreadable {
            throw Failure(.configuration, "log: \(error)")
        }
    }
}

extension SQLiteEventLog: ClosableLog {}
extension RabbitMQLog: ClosableLog {}
