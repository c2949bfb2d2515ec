import Archive
import Directory
import Foundation
import Hosting
import Logging
import Messaging
import SQLiteDriver
import ServiceKit
import Storage
import Values

/// Restores a backup into a new folder. It checks everything in a folder beside it, and gives that its final name at
/// the very end. A kill at any moment leaves either no folder or a complete one.
package struct Restore {
    private let file: String
    private let folder: String
    private let secretFile: String?
    /// Whether to accept a backup that has no code, or whose code cannot be checked.
    private let unsigned: Bool
    private let environment: Values.Environment
    /// A folder that is a disk's mount point cannot be replaced. The data is then put together inside it and moved up
    /// at the end.
    private let isMountPoint: Bool
    /// Where the data is put together. What a killed restore left there is removed by the next one.
    private var workshop: String { isMountPoint ? folder + "/" + Restore.inner : folder + ".restoring" }
    private static let inner = ".restoring"

    /// - Parameters:
    ///   - secretFile: a copy of the secret, for a backup without one, and to check any backup against.
    ///   - unsigned: accepts a backup whose code is missing (versions before 0.4.0 wrote none) or cannot be checked.
    package init(
        file: String, folder: String, secretFile: String?, unsigned: Bool = false,
        environment: Values.Environment = .live()
    ) {
        self.file = file
        self.folder = URL(filePath: folder).standardizedFileURL.path
        self.secretFile = secretFile
        self.unsigned = unsigned
        self.environment = environment
        let target = self.folder
        var (own, parent) = (stat(), stat())
        isMountPoint =
            stat(target, &own) == 0 && stat(target + "/..", &parent) == 0 && own.st_dev != parent.st_dev
    }

    /// - Parameter progress: is called with how many of the backup's bytes are read; what it throws stops the work. It
    ///   is called until the folder gets its name, also while the data is being checked after all is read.
    /// - Throws: ``Failure`` or `ArchiveError` for a backup that must not be restored, `StorageError` for the disk.
    package func run(progress: (_ done: Int64, _ total: Int64) throws -> Void) async throws -> BackupManifest {
        try await run(onlyCheck: false, progress)
    }

    /// Does everything except giving the folder its name; the data is removed again.
    package func check(progress: (_ done: Int64, _ total: Int64) throws -> Void) async throws -> BackupManifest {
        try await run(onlyCheck: true, progress)
    }

    private func run(
        onlyCheck: Bool, _ progress: (_ done: Int64, _ total: Int64) throws -> Void
    ) async throws -> BackupManifest {
        try checkTarget()
        let reader = try ArchiveReader(path: file)
        let lock = try openWorkshop()
        defer { withExtendedLifetime(lock) {} }
        do {
            let manifest = try manifest(reader)
            let (sums, code) = try extract(reader, manifest, progress)
            func pause() throws { try progress(reader.size, reader.size) }
            try putSecret(manifest)
            let settings = try await Settings(folder: workshop, flags: [:], environment: [:])
            let secret = try trustedSecret(manifest, settings)
            try checkCode(code, of: sums, secret)
            try checkDatabases(manifest, pause)
            try putBack(manifest, settings, secret, pause)
            try pause()
            guard !onlyCheck else {
                try FileManager.default.removeItem(atPath: workshop)
                return manifest
            }
            try moveIn()
            return manifest
        } catch {
            try? FileManager.default.removeItem(atPath: workshop)
            throw error
        }
    }

    // MARK: The folders

    private func checkTarget() throws {
        if let holder = FolderLock.holder(of: folder) {
            throw Failure(
                .refused, "Process \(holder) is at work in \(folder). A backup is only restored into a new folder.")
        }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue, try strangers().isEmpty else {
            throw Failure(
                .refused,
                "\(folder) is not an empty folder; nothing was changed. Name one that is not there yet, or move the "
                    + "old one away first.")
        }
    }

    /// The files in the folder that belong neither to the disk nor to a killed restore that was moving its files up.
    /// The configuration is moved last, so without it there is no installation.
    private func strangers() throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0 != "lost+found" }
        guard isMountPoint, names.contains(Restore.inner), !names.contains(DataFolder.configurationName) else {
            return names
        }
        return names.filter { $0 != Restore.inner && !Restore.isOwn($0) }
    }

    /// SQLite's own files beside a database that is being upgraded belong to it.
    private static func isOwn(_ name: String) -> Bool {
        let known = Set(DataFolder.databaseNames + DataFolder.keyNames + [DataFolder.configurationName, "popug.lock"])
        return known.contains(name)
            || ["-wal", "-shm", "-journal"].contains {
                name.hasSuffix($0) && known.contains(String(name.dropLast($0.count)))
            }
    }

    private func openWorkshop() throws -> FolderLock {
        let files = FileManager.default
        if files.fileExists(atPath: workshop) {
            let strange = try files.contentsOfDirectory(atPath: workshop).first { !Restore.isOwn($0) }
            if let strange {
                throw Failure(
                    .refused, "\(workshop) holds \(strange), which is no part of an interrupted restore. Move it away.")
            }
            // Another restore that is still at work must keep its folder.
            _ = try FolderLock(folder: workshop)
            if isMountPoint {
                for name in try files.contentsOfDirectory(atPath: folder) where Restore.isOwn(name) {
                    try files.removeItem(atPath: folder + "/" + name)
                }
            }
            try files.removeItem(atPath: workshop)
        }
        do {
            try files.createDirectory(
                atPath: workshop, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.unavailable, "\(workshop) cannot be made: \(error.localizedDescription)")
        }
        return try FolderLock(folder: workshop)
    }

    private func moveIn() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: workshop) {
            try DataFolder.sync(workshop + "/" + name)
        }
        try DataFolder.sync(workshop)
        guard !isMountPoint else { return try moveUp() }
        // Replaces an empty folder, and no other.
        guard rename(workshop, folder) == 0 else {
            throw StorageError.unavailable("\(folder): \(String(cString: strerror(errno)))")
        }
        try DataFolder.sync(URL(filePath: folder).deletingLastPathComponent().path)
    }

    /// Moves file by file, the configuration last: without it the folder is no installation, and can be restored into
    /// again.
    private func moveUp() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: workshop).filter { $0 != "popug.lock" }
        for name in names.filter({ $0 != DataFolder.configurationName }) + [DataFolder.configurationName] {
            guard rename(workshop + "/" + name, folder + "/" + name) == 0 else {
                throw StorageError.unavailable("\(folder)/\(name): \(String(cString: strerror(errno)))")
            }
        }
        chmod(folder, 0o700)
        try DataFolder.sync(folder)
        try FileManager.default.removeItem(atPath: workshop)
    }

    // MARK: What is in the file

    private func manifest(_ reader: ArchiveReader) throws -> BackupManifest {
        guard let first = try reader.next(), first.name == BackupManifest.name else {
            throw ArchiveError.foreign("\(file) is not a backup of popug's")
        }
        let manifest = try BackupManifest(reading: try reader.whole(atMost: 1 << 20))
        var known: [String: Int?] = [DataFolder.configurationName: nil, DataFolder.logName: SQLiteEventLog.schema]
        for name in DataFolder.keyNames { known[name] = .some(nil) }
        for service in try services(manifest, secret: nil) {
            known[DataFolder.database(of: service.name)] = service.steps.count
        }
        var seen: Set<String> = []
        var size: Int64 = 0
        for file in manifest.files {
            let (sum, isOver) = size.addingReportingOverflow(file.size)
            guard file.size >= 0, !isOver else { throw ArchiveError.damaged("\(file.name) cannot be that large") }
            size = sum
            guard seen.insert(file.name).inserted else { throw ArchiveError.damaged("\(file.name) stands in it twice") }
            guard let schema = known[file.name], (file.schema ?? 0) <= (schema ?? 0) else {
                throw Failure(
                    .refused,
                    "\(file.name) in this backup is of a newer popug than this one, \(Version.text). Run a newer one.")
            }
        }
        for name in [DataFolder.configurationName, DataFolder.database(of: "identity"), DataFolder.logName]
        where !seen.contains(name) { throw ArchiveError.damaged("\(name) is missing in it") }
        if let room = DataFolder.room(in: workshop), room < size {
            throw StorageError.full("\(folder) needs \(size >> 20) MiB, and there are \(room >> 20)")
        }
        return manifest
    }

    /// - Returns: the checksums, and their code if there is one.
    private func extract(
        _ reader: ArchiveReader, _ manifest: BackupManifest,
        _ progress: (_ done: Int64, _ total: Int64) throws -> Void
    ) throws -> (sums: [UInt8], code: [UInt8]?) {
        // The line of the manifest itself in `SHA256SUMS`.
        var sums = "\(reader.checksum)  \(BackupManifest.name)\n"
        for file in manifest.files {
            guard let entry = try reader.next(), entry.name == file.name, entry.length == file.size else {
                throw ArchiveError.damaged("\(file.name) is not where its manifest says")
            }
            let output = try NewFile(path: workshop + "/" + file.name)
            while let piece = try reader.piece() {
                try output.append(piece)
                try progress(reader.consumed, reader.size)
            }
            sums += "\(reader.checksum)  \(file.name)\n"
        }
        guard let last = try reader.next(), last.name == BackupManifest.sums,
            try reader.whole(atMost: 1 << 20) == Array(sums.utf8)
        else { throw ArchiveError.damaged("its checksums do not hold") }
        let more = ArchiveError.damaged("it holds more than its manifest says")
        guard let end = try reader.next() else { return (Array(sums.utf8), nil) }
        guard end.name == BackupSeal.name else { throw more }
        let code = try reader.whole(atMost: 1 << 10)
        guard try reader.next() == nil else { throw more }
        return (Array(sums.utf8), code)
    }

    /// The secret that the backup is checked with: the given copy, or the one in the backup's own file. Any other
    /// secret that its configuration names (`secret`, `secret-file`) proves nothing, and must not be a different one.
    private func trustedSecret(_ manifest: BackupManifest, _ settings: Settings) throws -> [UInt8]? {
        let path = secretFile ?? (manifest.hasSecret ? workshop + "/" + DataFolder.secretName : nil)
        guard let path else { return nil }
        let secret = try HouseSettings.secretBytes(try TextFile.read(path, .unavailable).trimmed(), from: path)
        if let named = try? settings.secret(), named != secret {
            throw ArchiveError.damaged("its configuration names another secret than \(path) has")
        }
        return secret
    }

    private func checkCode(_ code: [UInt8]?, of sums: [UInt8], _ secret: [UInt8]?) throws {
        guard let code else {
            guard unsigned else {
                throw Failure(
                    .refused,
                    "This backup has no code that shows that it is as this installation wrote it. Versions before 0.4.0 "
                        + "wrote none: take it with --unsigned, if you know where it has been since.")
            }
            return
        }
        guard let secret else {
            guard unsigned else {
                throw Failure(
                    .refused,
                    "The secret is not in this backup, and nothing else shows that the backup is genuine. Give a copy of "
                        + "the secret with --secret-file, or take the backup unchecked with --unsigned.")
            }
            return
        }
        try BackupSeal(secret: secret).check(code, of: sums)
    }

    private func checkDatabases(_ manifest: BackupManifest, _ pause: () throws -> Void) throws {
        for file in manifest.files where file.schema != nil {
            try pause()
            if let first = try SQLiteDatabase.damage(path: workshop + "/" + file.name).first {
                throw ArchiveError.damaged("\(file.name): \(first)")
            }
        }
    }

    // MARK: Making it fit to start

    private func putSecret(_ manifest: BackupManifest) throws {
        guard let secretFile else { return }
        let content = try TextFile.bytes(secretFile, .unavailable)
        guard !manifest.hasSecret else {
            // Anyone who can write where backups are stored can put another secret in, with a code that matches it.
            let inside = try TextFile.bytes(workshop + "/" + DataFolder.secretName, .unavailable)
            func word(_ bytes: [UInt8]) -> [String] { String(decoding: bytes, as: UTF8.self).words() }
            guard word(inside) == word(content) else {
                throw ArchiveError.damaged("the secret in it is another one than \(secretFile) has")
            }
            return
        }
        try NewFile(path: workshop + "/" + DataFolder.secretName).append(content)
    }

    /// The services as they are in this program. Without a secret they cannot do what needs one, and need not.
    private func services(_ manifest: BackupManifest, secret: [UInt8]?, company: Company? = nil) throws -> [any Service]
    {
        let calendar = BusinessCalendar(zone: "UTC", closingHour: 0)
        let plain = calendar.map {
            Company(
                installation: manifest.installation, name: manifest.company, currency: "EUR", calendar: $0,
                publicAddress: "http://localhost")
        }
        guard let company = company ?? plain else { return [] }
        let parts = Exchange.Parts(
            company: company, environment: environment, secret: secret ?? Installation.noSecret,
            database: { _ in throw StorageError.closed }, log: NoLog(codes: codes(secret)),
            logger: Logger(label: "popug"))
        return try Exchange.services(parts)
    }

    private func codes(_ secret: [UInt8]?) -> EventCodes {
        Installation.codes(secret: secret ?? Installation.noSecret, environment: environment)
    }

    /// Upgrades every schema, then makes each service hold back what must not go out by itself. A service that the
    /// backup does not know yet starts empty here, and holds back too.
    private func putBack(
        _ manifest: BackupManifest, _ settings: Settings, _ secret: [UInt8]?, _ pause: () throws -> Void
    ) throws {
        let company = try settings.company()
        guard company.installation == manifest.installation else {
            throw ArchiveError.damaged("its configuration is another installation's")
        }
        let log = manifest.files.first { $0.name == DataFolder.logName }
        guard secret != nil || (log?.schema ?? 0) >= SQLiteEventLog.codedSince else {
            throw ArchiveError.foreign(
                "it is of a version that gave events no codes; they get them as it is restored, for which the secret is "
                    + "needed: give a copy of it with --secret-file")
        }
        let now = environment.now()
        try SQLiteEventLog(path: workshop + "/" + DataFolder.logName, codes: codes(secret), now: now).close()
        for service in try services(manifest, secret: secret, company: company) {
            try pause()
            let database = try SQLiteDatabase(
                path: workshop + "/" + DataFolder.database(of: service.name), name: service.name)
            defer { database.close() }
            try database.migrate(for: service, now: now)
            try database.write { transaction in
                // Every service checks tokens by itself, so tokens from before the restore must not be accepted
                // (Identity ends them, too).
                try Directory.putKeys([], in: transaction)
                try service.restored(in: transaction, at: now)
            }
        }
    }
}

/// A file that is being extracted, accessible only to its owner.
private final class NewFile {
    private let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw NewFile.failure(path) }
    }

    deinit {
        close(descriptor)
    }

    func append(_ bytes: [UInt8]) throws {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                write(descriptor, buffer.baseAddress.map { $0 + position }, bytes.count - position)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw NewFile.failure(path) }
            position += count
        }
    }

    private static func failure(_ path: String) -> StorageError {
        let text = "\(path): \(String(cString: strerror(errno)))"
        return errno == ENOSPC || errno == EDQUOT ? .full(text) : .readOnly(text)
    }
}
