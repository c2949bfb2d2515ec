/// An older version of the event `E`, and the way there and back (X44).
///
/// Up: whoever takes `E` is given old events, which stay in the log for good, as if they were new. Down: while consumers
/// of the older version are still running, a ``Journal`` that is told so writes each event in that version too, with the
/// same id: for whoever takes both it is a duplicate.
package struct OlderVersion<E: Event>: Sendable {
    package let version: Int
    /// `task-created.1`
    package let type: String
    let upcast: @Sendable ([UInt8]) throws -> E
    let downcast: @Sendable (E) throws -> [UInt8]

    /// - Parameters:
    ///   - upcast: what an old event says, in the newer version. Old events can't be put right any more: don't refuse
    ///     what was allowed when they were written.
    ///   - downcast: what a new event says to a consumer of the older version.
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
