/// A stream of one publisher's events, and the publisher's name: `identity`, `tracker`, `accounting`.
package struct Topic: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    /// The number of partitions of every topic, the same in every shape. It never changes. Order is kept per key.
    package static let partitions = 16

    /// The partitions that one process reads together, if several processes share a topic. A group is small enough for
    /// a fair share, and large enough that a batch is worth its transaction.
    package static let groups: [Range<Int>] = stride(from: 0, to: partitions, by: 4).map {
        $0..<min($0 + 4, partitions)
    }

    /// Of the kit's own events: each service publishes them in its own topic, and nobody in a topic of this name.
    package static let everyService = Topic("every-service")

    package var description: String { name }
}
