import Foundation
import SQLiteDriver
import ServiceKit
import Values

/// An installation's folder at one moment, as it goes into a backup: each database is held by a snapshot, the small
/// files are read.
package struct BackupSource {
    let at: Instant
    let small: [(name: String, bytes: [UInt8])]
    /// Settings that hold a secret and are left out.
    let leftOut: [String]
    let databases: [(name: String, snapshot: SQLiteSnapshot)]

    /// Opens everything. This is one moment of the whole only if nobody writes meanwhile: see ``WriterHold``.
    /// - Parameter withSecret: whether the backup includes the secret's file and the settings that hold a secret. A
    ///   secret file outside the folder is never included: its owner keeps it apart on purpose.
    /// - Throws: `StorageError` or ``Failure`` if a file is missing or cannot be read.
    package init(folder: String, withSecret: Bool, at now: Instant) throws {
        at = now
        var small: [(name: String, bytes: [UInt8])] = []
        var leftOut: [String] = []
        for name in [DataFolder.configurationName] + (withSecret ? DataFolder.keyNames : []) {
            let path = folder + "/" + name
            // A secret outside the folder is not here. A secret that cannot be read is an error, not silently left out.
            if name != DataFolder.configurationName, try !TextFile.exists(path) { continue }
            var bytes = try TextFile.bytes(path, .unavailable)
            if name == DataFolder.configurationName, !withSecret {
                (bytes, leftOut) = try BackupSource.withoutSecrets(bytes)
            }
            small.append((name, bytes))
        }
        self.small = small
        self.leftOut = leftOut
        var databases: [(name: String, snapshot: SQLiteSnapshot)] = []
        do {
            for name in DataFolder.databaseNames {
                databases.append((name, try SQLiteSnapshot(path: folder + "/" + name)))
            }
        } catch {
            for database in databases { database.snapshot.end() }
            throw error
        }
        self.databases = databases
    }

    package func end() {
        for database in databases { database.snapshot.end() }
    }

    /// Returns the configuration without the settings that hold a secret, and the names of these.
    private static func withoutSecrets(_ bytes: [UInt8]) throws -> ([UInt8], [String]) {
        guard var values = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw Failure(.configuration, "\(DataFolder.configurationName) is no object of settings")
        }
        let secrets = Set(Settings.lines.filter(\.isSecret).map(\.name))
        let secret = values.keys.filter(secrets.contains).sorted()
        guard !secret.isEmpty else { return (bytes, []) }
        for name in secret { values[name] = nil }
        let options: JSONSerialization.WritingOptions = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return ([UInt8](try JSONSerialization.data(withJSONObject: values, options: options)) + [0x0A], secret)
    }
}
