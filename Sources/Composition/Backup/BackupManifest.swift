import Archive
import Foundation
import Values

/// What a backup says about itself, in its first file. `SHA256SUMS`, after all other files, holds the checksum of each,
/// and ``BackupSeal`` holds the code of that list.
package struct BackupManifest: Codable, Sendable, Hashable {
    package struct File: Codable, Sendable, Hashable {
        package let name: String
        /// Bytes.
        package let size: Int64
        /// The schema's last step, for a database.
        package let schema: Int?

        package init(name: String, size: Int64, schema: Int?) {
            self.name = name
            self.size = size
            self.schema = schema
        }
    }

    package static let name = "manifest.json"
    package static let sums = "SHA256SUMS"
    /// The format that this program writes, and the newest that it can read.
    package static let format = 1

    package let format: Int
    /// The program that made it.
    package let version: String
    package let installation: ID
    package let company: String
    /// The moment whose data the backup holds.
    package let at: Instant
    /// How long the writers were stopped for it; 0 if the server was not running.
    package let heldMilliseconds: Double
    /// In the order in which they are in the archive.
    package let files: [File]
    /// Settings that hold a secret and were left out for that reason, by name; `nil` in backups of earlier versions.
    package let leftOut: [String]?

    package var hasSecret: Bool { files.contains { $0.name == DataFolder.secretName } }

    package init(
        version: String, installation: ID, company: String, at: Instant, heldMilliseconds: Double, files: [File],
        leftOut: [String]
    ) {
        format = BackupManifest.format
        self.version = version
        self.installation = installation
        self.company = company
        self.at = at
        self.heldMilliseconds = heldMilliseconds
        self.files = files
        self.leftOut = leftOut
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self)) + [0x0A]
    }

    /// - Throws: ``ArchiveError`` or ``Failure`` if this program cannot restore it.
    init(reading bytes: [UInt8]) throws {
        struct Head: Decodable {
            let format: Int
            let version: String
        }
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(bytes)) else {
            throw ArchiveError.foreign("this is not a backup of popug's: its manifest cannot be read")
        }
        guard head.format <= BackupManifest.format, !Version.isNewer(head.version, than: Version.text) else {
            throw Failure(
                .refused,
                "This backup was made by popug \(head.version); this is \(Version.text). Restore it with that version "
                    + "or a newer one.")
        }
        do {
            self = try JSONDecoder().decode(BackupManifest.self, from: Data(bytes))
        } catch {
            throw ArchiveError.damaged("its manifest cannot be read: \(error)")
        }
    }
}
