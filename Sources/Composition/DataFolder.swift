import Foundation
import Storage
import Values

/// The names of what lies in an installation's folder.
package enum DataFolder {
    package static let configurationName = "popug.json"
    package static let secretName = "secret"
    package static let socketName = "popug.sock"
    package static let logName = "log.sqlite"
    /// Where the server keeps the backups that it makes by itself, and what it knows of all.
    package static let backupsName = "backups"
    package static let backupRecordName = "backups.jsonl"

    /// Files that hold a secret; a backup takes them along or not.
    package static let keyNames = [secretName]

    package static func database(of service: String) -> String { service + ".sqlite" }

    /// All databases of a folder, the event log last: the order in which writers are held.
    package static var databaseNames: [String] { Services.names.map(database) + [logName] }

    /// Bytes that there is room for; `nil` where the folder cannot be asked.
    package static func room(in folder: String) -> Int64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Returns when what was done in a folder (files made, renamed) is on the disk.
    package static func sync(_ folder: String) throws {
        let descriptor = open(folder.isEmpty ? "." : folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StorageError.unavailable("\(folder): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw StorageError.unavailable("\(folder): \(String(cString: strerror(errno)))")
        }
    }

    /// Makes a new installation: the folder (mode 0700, also where it was there before), its configuration and its secret
    /// (mode 0600).
    /// - Throws: ``Failure`` where there is one already, or the folder cannot be written.
    package static func create(_ folder: String, settings: [String: String], environment: Environment) throws {
        let files = FileManager.default
        let configuration = folder + "/" + configurationName
        try checkIsNew(folder)
        do {
            try files.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try keepPrivate(folder)
            let secret = Hexadecimal.text(environment.randomBytes(32))
            try write(secret + "\n", to: folder + "/" + secretName, mode: 0o600)
            var values = settings
            values["installation"] = environment.newID().description
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            // Last, because its presence is what makes the folder an installation.
            try write(
                String(decoding: try encoder.encode(values), as: UTF8.self) + "\n", to: configuration, mode: 0o600)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.unavailable, "\(folder) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Leaves a folder, and what of an installation lies in it, to its owner alone.
    /// - Throws: ``Failure`` where it belongs to somebody else.
    package static func keepPrivate(_ folder: String) throws {
        guard chmod(folder, 0o700) == 0 else {
            throw Failure(
                .unavailable,
                "\(folder) cannot be kept from others: \(String(cString: strerror(errno))). It must be this user's own."
            )
        }
        let databases = databaseNames.flatMap { [$0, $0 + "-wal", $0 + "-shm"] }
        for name in databases + [configurationName, backupRecordName] + keyNames {
            // What is not there, or lies behind a link of the admin's, is left as it is.
            var status = stat()
            let path = folder + "/" + name
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else {
                continue
            }
            _ = chmod(path, 0o600)
        }
    }

    /// Whether the folder holds an installation.
    /// - Throws: ``Failure`` where that cannot be said.
    package static func exists(_ folder: String) throws -> Bool {
        try TextFile.exists(folder + "/" + configurationName)
    }

    /// - Throws: ``Failure`` where the folder holds an installation.
    static func checkIsNew(_ folder: String) throws {
        if try exists(folder) {
            throw Failure(.refused, "\(folder) holds an installation already; nothing was changed.")
        }
    }

    /// The command line's way to the running server, from wherever it is run.
    static func socket(of folder: String) -> String {
        let isAbsolute = folder.utf8.first == UInt8(ascii: "/")
        return (isAbsolute ? folder : FileManager.default.currentDirectoryPath + "/" + folder) + "/" + socketName
    }

    /// The system has 107 bytes for a socket's path, others 103, and so SwiftNIO takes no more anywhere.
    private static let longestSocket = 103

    /// - Throws: ``Failure`` for a folder whose socket has a longer path.
    package static func checkSocket(of folder: String) throws {
        let path = socket(of: folder)
        guard path.utf8.count > longestSocket else { return }
        throw Failure(
            .unavailable,
            "\(path) has \(path.utf8.count) bytes, and the path of a socket may have \(longestSocket): "
                + "choose a folder with a shorter path")
    }

    private static func write(_ text: String, to path: String, mode: Int) throws {
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
        else { throw Failure(.unavailable, "\(path) cannot be written: no room, or no right to") }
    }
}
