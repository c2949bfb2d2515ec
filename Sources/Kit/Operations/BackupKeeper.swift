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
