import Foundation
import Storage
import Values

/// The names of the files and folders in an installation's folder.
package enum DataFolder {
    package static let configurationName = "popug.json"
    package static let secretName = "secret"
    package static let socketName = "popug.sock"
    package static let logName = "log.sqlite"
    /// The folder for the backups that the server makes by itself, and for what it knows about all backups.
    package static let backupsName = "backups"
    package static let backupRecordName = "backups.jsonl"

    /// Files that hold a secret; a backup may include them or not.
    package static let keyNames = [secretName]

    package static func database(of service: String) -> String { service + ".sqlite" }

    /// All databases of a folder, the event log last. Writers are held in this order.
    package static var databaseNames: [String] { Services.names.map(database) + [logName] }

    /// Free bytes on the folder's disk; `nil` if the system cannot say.
    package static func room(in folder: String) -> Int64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return Int64(
            clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    }

    /// Returns once the changes in a folder (files made or renamed) are on the disk.
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

    /// Makes a new installation: the folder (mode 0700, also if it existed before), its configuration and its secret
    /// (mode 0600).
    /// - Throws: ``Failure`` if the folder holds an installation already, or cannot be written.
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
            // Written last, because this file is what makes the folder an installation.
            try write(
                String(decoding: try encoder.encode(values), as: UTF8.self) + "\n", to: configuration, mode: 0o600)
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(.unavailable, "\(folder) cannot be written: \(error.localizedDescription)")
        }
    }

    /// Makes a folder, and the installation's files in it, accessible only to the owner.
    /// - Throws: ``Failure`` if it belongs to somebody else.
    package static func keepPrivate(_ folder: String) throws {
        guard chmod(folder, 0o700) == 0 else {
            throw Failure(
                .unavailable,
                "\(folder) cannot be kept from others: \(String(cString: strerror(errno))). It must be this user's own."
            )
        }
        let databases = databaseNames.flatMap { [$0, $0 + "-wal", $0 + "-shm"] }
        for name in databases + [configurationName, backupRecordName] + keyNames {
            // Files that do not exist, or that an admin has replaced by a link, are left as they are.
            var status = stat()
            let path = folder + "/" + name
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_mode & 0o077 != 0 else {
                continue
            }
            _ = chmod(path, 0o600)
        }
    }

    /// Whether the folder holds an installation.
    /// - Throws: ``Failure`` if that cannot be determined.
    package static func exists(_ folder: String) throws -> Bool {
        try TextFile.exists(folder + "/" + configurationName)
    }

    /// - Throws: ``Failure`` if the folder holds an installation.
    static func checkIsNew(_ folder: String) throws {
        if try exists(folder) {
            throw Failure(.refused, "\(folder) holds an installation already; nothing was changed.")
        }
    }

    /// The path of the socket by which the command line reaches the running server, from any working directory.
    static func socket(of folder: String) -> String {
        let isAbsolute = folder.utf8.first == UInt8(ascii: "/")
        return (isAbsolute ? folder : FileManager.default.currentDirectoryPath + "/" + folder) + "/" + socketName
    }

    /// Linux allows 107 bytes for a socket's path, other systems 103, and so SwiftNIO accepts no more than 103
    /// anywhere.
    private static let longestSocket = 103

    /// - Throws: ``Failure`` if the path of the folder's socket is longer.
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
