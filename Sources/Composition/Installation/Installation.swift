import CurlDriver
import Foundation
import Identity
import Logging
import Messaging
import SQLiteDriver
import Storage
import Values

/// An installation's folder, opened: locked against a second server, with its databases and its log.
package final class Installation: Sendable {
    package let settings: Settings
    package let exchange: Exchange
    private let lock: FolderLock
    private let log: SQLiteEventLog
    private let backups: BackupRoom
    /// Ends everything that waits for an outside server.
    private let cancellation = Cancellation()

    /// - Throws: ``Failure`` or `StorageError` that says what to do.
    package init(
        _ settings: Settings, environment: Environment = .live(), quickPasswords: Bool = false
    ) throws {
        self.settings = settings
        lock = try FolderLock(folder: settings.folder)
        // Earlier versions left some files open to others. A folder that belongs to somebody else is left as it is;
        // `doctor` reports it.
        try? DataFolder.keepPrivate(settings.folder)
        let folder = settings.folder
        let watch = StartWatch(Logger(label: "popug"))
        defer { watch.end() }
        watch.begin("the event log is opened")
        let log = try SQLiteEventLog(
            path: folder + "/" + DataFolder.logName,
            codes: try Installation.codes(settings, environment: environment), now: environment.now())
        self.log = log
        do {
            var parts = try Installation.parts(
                settings, log: log, environment: environment, cancellation: cancellation)
            backups = try BackupRoom(settings, environment: environment, logger: parts.logger)
            parts.backups = backups
            parts.watch = watch
            if quickPasswords { parts.make(IdentityService.self) { try IdentityService($0, settings: .quick) } }
            exchange = try Exchange(parts)
        } catch {
            log.close()
            // If a service refuses to start (another secret, numbers behind its topic), the admin must repair that.
            if error is Failure || error is StorageError { throw error }
            throw Failure(.configuration, "\(error)")
        }
    }

    /// For verbs that only look at services: nothing is signed, drawn or decrypted with it.
    static let noSecret = [UInt8](repeating: 0, count: 32)

    /// The codes by which events are recognised as this installation's.
    package static func codes(_ settings: Settings, environment: Environment) throws -> EventCodes {
        codes(
            secret: try settings.secret(), acceptsMissing: try settings.value(of: Settings.house.eventCodes),
            environment: environment)
    }

    package static func codes(secret: [UInt8], acceptsMissing: Bool = false, environment: Environment) -> EventCodes {
        EventCodes(
            secret: secret, personal: Services.personalFields, acceptsMissing: acceptsMissing,
            random: environment.random, logger: Logger(label: "popug"))
    }

    /// What the settings say about the installation, which is stored in the files of its folder.
    static func parts(
        _ settings: Settings, log: any EventLog, environment: Environment, cancellation: Cancellation = Cancellation()
    ) throws -> Exchange.Parts {
        let folder = settings.folder
        var parts = Exchange.Parts(
            company: try settings.company(), environment: environment, secret: try settings.secret(),
            database: { try SQLiteDatabase(path: folder + "/" + DataFolder.database(of: $0), name: $0) }, log: log,
            logger: Logger(label: "popug"))
        parts.settings = settings.values
        parts.outbound = .real(cancellation: cancellation)
        return parts
    }

    /// Everything that writes in the folder, in the order in which ``WriterHold`` stops it.
    package var writers: [any Database] { Services.names.compactMap { exchange.databases[$0] } + [log.database] }

    /// Starts the services, and the thread that makes their backups.
    package func start() {
        exchange.start()
        backups.start(writers, feed: exchange.feed)
    }

    /// The process is about to end: a wait for a mail server or a payment provider gets half a second more. The result
    /// of such a call is then unknown, as if the process had died, and is found out at the next start.
    package func hurry() {
        cancellation.call(in: .milliseconds(500))
    }

    package func close() {
        hurry()
        backups.end()
        exchange.stop()
        log.close()
    }
}
