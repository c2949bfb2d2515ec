import Storage
import Values

/// A parked event as an admin sees it.
package struct ParkedEvent: Sendable, Hashable, Codable {
    package let envelope: Envelope
    /// Empty for an event that only waits behind another of its key.
    package let error: String
    package let parkedAt: Instant
    /// The number of failures of its key's first event; 0 once it is discarded.
    package let tries: Int
    /// Empty if it waits for an admin.
    package let nextTry: Instant?
    /// Whether it is the first event of its key: only the first is tried.
    package let isFirst: Bool
    package let discarded: Discard?

    package struct Discard: Sendable, Hashable, Codable {
        package let at: Instant
        package let by: ID
        package let reason: String
    }
}

/// How many events are parked in one service.
package struct ParkedCount: Sendable, Hashable, Codable {
    package let topic: String
    /// The number of waiting keys, and how many of them wait for an admin.
    package let keys: Int64
    package let forAdmin: Int64
    package let events: Int64
    package let discarded: Int64
}
