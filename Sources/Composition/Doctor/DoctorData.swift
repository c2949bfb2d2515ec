import Accounting
import Foundation
import Logging
import Messaging
import Operations
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// What the doctor finds in the databases. Each is read in a snapshot of its own.
extension Doctor {
    /// A larger write-ahead log is not being copied into its file.
    private static let largeLog: Int64 = 512 << 20

    func databases() -> [Diagnosis] {
        var known: [(name: String, steps: Int, service: (any Service)?)] = services().map {
            (DataFolder.database(of: $0.name), $0.steps.count, $0)
        }
        known.append((DataFolder.logName, SQLiteEventLog.schema, nil))
        let topics = topics()
        return known.flatMap { name, steps, service -> [Diagnosis] in
            let schema = schema(name, steps, isKnown: service.map { topics.contains($0.name) } ?? false)
            guard schema.verdict != .wrong else { return [schema] }
            return [schema] + [journal(name)].compactMap(\.self)
                + (service.map { [parked($0)] } ?? []).compactMap(\.self)
        }
    }

    /// The services, only for their schemas, for which the other arguments do not matter.
    private func services() -> [any Service] {
        guard let company = try? settings.company() else { return [] }
        let secret = (try? settings.secret()) ?? Installation.noSecret
        let parts = Exchange.Parts(
            company: company, environment: environment, secret: secret,
            database: { _ in throw StorageError.closed },
            log: NoLog(codes: Installation.codes(secret: secret, environment: environment)),
            logger: Logger(label: "popug"))
        return (try? Exchange.services(parts)) ?? []
    }

    /// The services whose events are in the log: their databases cannot be new.
    private func topics() -> Set<String> {
        guard let snapshot = try? SQLiteSnapshot(path: folder + "/" + DataFolder.logName) else { return [] }
        defer { snapshot.end() }
        let names = try? snapshot.transaction.fetch(
            "SELECT name FROM topic WHERE EXISTS (SELECT 1 FROM event WHERE event.topic = topic.id) LIMIT 100"
        ).map { try $0(0, as: String.self) }
        return Set(names ?? [])
    }

    /// - Parameter isKnown: whether the log holds events of this database's service.
    private func schema(_ name: String, _ steps: Int, isKnown: Bool) -> Diagnosis {
        let path = folder + "/" + name
        let gone = Diagnosis.wrong(
            name, "it is gone: the event log holds events that stood in it",
            "Keep the folder as it is, and restore a backup into another one.")
        do {
            guard try TextFile.exists(path) else {
                if isKnown { return gone }
                return .warning(
                    name, "it is not there yet", "The server makes it when it starts; if it was there, restore.")
            }
            let snapshot = try SQLiteSnapshot(path: path)
            defer { snapshot.end() }
            let step = try snapshot.schema()
            if step == 0, isKnown { return gone }
            if let first = try SQLiteDatabase.damage(path: path, quick: true).first {
                return .wrong(
                    name, "damaged: \(first)", "Keep the folder as it is, and restore a backup into another one.")
            }
            if step > steps {
                return .wrong(
                    name, "written by a newer popug: step \(step), and this one knows \(steps)", "Run the newer one.")
            }
            if step < steps {
                return .warning(
                    name, "step \(step) of \(steps)",
                    "The server brings it up to date when it starts; make a backup before.")
            }
            return .fine(name, "\(Terminal.size(size(name))), schema \(step)")
        } catch {
            return .wrong(name, "\(error)", "Keep the folder as it is, and restore a backup into another one.")
        }
    }

    /// The write-ahead log of a database.
    private func journal(_ name: String) -> Diagnosis? {
        let size = size(name + "-wal")
        guard size > Doctor.largeLog else { return nil }
        return .warning(
            name, "its write-ahead log has grown to \(Terminal.size(size))",
            "Something reads for very long (a verify, a backup, another program); it shrinks when that has ended.")
    }

    private func parked(_ service: any Service) -> Diagnosis? {
        guard !service.reactions.isEmpty,
            let snapshot = try? SQLiteSnapshot(path: folder + "/" + DataFolder.database(of: service.name))
        else { return nil }
        defer { snapshot.end() }
        guard let counts = try? Parked.counts(in: snapshot.transaction) else { return nil }
        let (keys, waiting) = counts.reduce(into: (Int64(0), Int64(0))) {
            ($0.0, $0.1) = ($0.0 + $1.keys, $0.1 + $1.forAdmin)
        }
        guard keys > 0 else { return nil }
        let todo = "popug parked list: mend the cause, then replay; or discard with a reason."
        return waiting > 0
            ? .wrong(service.name, "\(keys) keys have parked events, and \(waiting) wait for you", todo)
            : .warning(service.name, "\(keys) keys have parked events, which are tried again", todo)
    }

    /// Checks that the secret exists, is well-formed, and belongs to this data.
    func secret() -> Diagnosis {
        let secret: [UInt8]
        do {
            secret = try settings.secret()
        } catch {
            return .wrong(
                "secret", "\(error)", "Put the installation's own back; it was made by init, or is in a backup.")
        }
        guard let snapshot = try? SQLiteSnapshot(path: folder + "/" + DataFolder.database(of: "accounting")) else {
            return .fine("secret", "there; no data to compare it with yet")
        }
        defer { snapshot.end() }
        guard (try? AccountingService.fits(secret: secret, in: snapshot.transaction)) != false else {
            return .wrong(
                "secret", "it is not the one that this data was made with",
                "Put the installation's own back; it was made by init, or is in a backup.")
        }
        let place = settings.find("secret") != nil || settings.find("secret-file") != nil
        return .fine("secret", place ? "this data's own, kept outside of the folder" : "this data's own")
    }

    func lastBackup() -> Diagnosis {
        let todo = "popug backup FILE, onto another disk; or set backup-at, and copy \(DataFolder.backupsName)/ away."
        let records: [BackupRecord]
        do {
            records = try BackupRecords(folder: folder).latest(1000)
        } catch {
            return .warning("backup", "\(Verb.failure(error))", "Run this as the folder's owner.")
        }
        let now = environment.now()
        // A record with a time in the future comes from a clock that ran ahead, and says nothing about its age.
        guard let last = records.first(where: { $0.error == nil && $0.at <= now.adding(seconds: 3600) }) else {
            return .warning("backup", "there is none yet", todo)
        }
        let hours = max(0, (now.seconds - last.at.seconds) / 3600)
        let age = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        if let failure = records.first, let error = failure.error {
            return .warning("backup", "the last one failed: \(error); the last good one is \(age) old", todo)
        }
        let limit: Int64 = (try? settings.value(of: Settings.house.backupAt)) ?? nil == nil ? 7 * 24 : 48
        guard hours < limit else { return .warning("backup", "the last one is \(age) old", todo) }
        return .fine("backup", "\(age) old, \(Terminal.size(last.size)): \(last.file)")
    }
}
