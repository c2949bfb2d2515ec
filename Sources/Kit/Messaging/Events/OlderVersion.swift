/// An older version of the event `E`, with the conversions in both directions (X44).
///
/// Up: a consumer of `E` receives old events, which stay in the log for good, as if they were new. Down: while
/// consumers of the older version are still running, a ``Journal`` with that setting writes each event in that version
/// too, with the same id. For a consumer that takes both versions, the second is a duplicate.
package struct OlderVersion<E: Event>: Sendable {
    package let version: Int
    /// `task-created.1`
    package let type: String
    let upcast: @Sendable ([UInt8]) throws -> E
    let downcast: @Sendable (E) throws -> [UInt8]

    /// - Parameters:
    ///   - upcast: converts an old event's content to the newer version. Old events can no longer be corrected, so
    ///     don't refuse what was allowed when they were written.
    ///   - downcast: converts a new event's content for a consumer of the older version.
    package init<Old: Event>(
        _ old: Old.Type, upcast: @escaping @Sendable (Old) -> E, downcast: @escaping @Sendable (E) -> Old
    ) {
        precondition(Old.name == E.name && Old.topic == E.topic && Old.version < E.version)
        version = Old.version
        type = Old.type
        self.upcast = { upcast(try Old(data: $0)) }
        self.downcast = { try downcast($0).data() }
    }
}
