import Values

/// One backup that was made, or was not.
package struct BackupRecord: Codable, Sendable, Hashable {
    /// Who ``by`` is where it is nobody.
    package static let schedule = "schedule"
    package static let commandLine = "command line"

    /// The moment that it shows.
    package let at: Instant
    /// Where it was written; with the whole path where that is not the folder's own place for backups.
    package let file: String
    /// Bytes; 0 where it failed.
    package let size: Int64
    package let seconds: Double
    /// How long the services' writers stood still for it.
    package let heldMilliseconds: Double
    /// A person's name, `schedule` or `command line`.
    package let by: String
    /// Why there is none.
    package let error: String?

    package init(
        at: Instant, file: String, size: Int64, seconds: Double, heldMilliseconds: Double, by: String, error: String?
    ) {
        self.at = at
        self.file = file
        self.size = size
        self.seconds = seconds
        self.heldMilliseconds = heldMilliseconds
        self.by = by
        self.error = error
    }
}
