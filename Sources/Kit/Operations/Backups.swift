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

/// A backup that is being made.
package struct BackupProgress: Sendable, Hashable {
    package let since: Instant
    package let by: String
    /// Bytes done and in all; 0 where that is not known yet.
    package var done: Int64
    package var total: Int64
    package var isStopping = false

    package init(since: Instant, by: String, done: Int64 = 0, total: Int64 = 0) {
        self.since = since
        self.by = by
        self.done = done
        self.total = total
    }
}

/// Who makes backups, as the operations pages see it. None of these waits.
package protocol BackupKeeper: Sendable {
    /// How many the folder's own place keeps.
    var kept: Int { get }
    /// The hour of the company's day at which one is made by itself.
    var hour: Int? { get }
    /// The latest records, newest first.
    func latest(_ limit: Int) throws -> [BackupRecord]
    /// The one under way.
    var current: BackupProgress? { get }
    /// Begins one soon, on a thread of its own. The same request again (`trace`, whatever tells it) is the same backup.
    /// - Returns: `false` where another one is under way.
    func start(by name: String, trace: String) -> Bool
    /// Stops the one under way; nothing of it is left.
    /// - Returns: `false` where there is none.
    func stop() -> Bool
}

/// For where there is no folder: tests, the simulator, services on databases of their own.
package struct NoBackups: BackupKeeper {
    package let kept = 0
    package let hour: Int? = nil
    package let current: BackupProgress? = nil

    package init() {}

    package func latest(_ limit: Int) throws -> [BackupRecord] { [] }
    package func start(by name: String, trace: String) -> Bool { false }
    package func stop() -> Bool { false }
}
