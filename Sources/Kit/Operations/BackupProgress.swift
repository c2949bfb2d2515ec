import Values

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
