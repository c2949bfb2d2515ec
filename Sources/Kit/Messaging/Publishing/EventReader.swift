/// Reads the partitions of one topic, each in order. Used by one thread at a time, except for ``wake()``.
package protocol EventReader: AnyObject, Sendable {
    /// The next messages, at most `limit`. If there are none, it waits up to `seconds`, then returns an empty list. A
    /// message comes twice or out of order only as ``EventLog`` says.
    @available(*, noasync)
    func next(limit: Int, waiting seconds: Double) throws -> [Envelope]

    /// Continues after `number` in this partition, backwards or forwards.
    @available(*, noasync)
    func seek(partition: Int, after number: Int64) throws

    /// Makes a waiting ``next(limit:waiting:)`` return. Called from another thread.
    func wake()
}
