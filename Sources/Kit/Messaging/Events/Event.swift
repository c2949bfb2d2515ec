import Foundation
import Values

/// A fact that a service publishes. A type in Contracts conforms.
package protocol Event: Sendable {
    static var topic: Topic { get }
    /// `task-created`
    static var name: String { get }
    /// From 1. A change that would break a consumer is a new version, and a new Swift type.
    static var version: Int { get }
    /// The versions before this one that consumers of this one understand. They stay in the log. None by default.
    static var older: [OlderVersion<Self>] { get }
    /// What the event is about. Events of one key reach every consumer in the order in which they happened (X41).
    var key: ID { get }

    /// - Parameter data: JSON.
    /// - Throws: if the data is not of this event.
    init(data: [UInt8]) throws
    /// The content as JSON, with members sorted by name, so that the same event always gives the same bytes.
    func data() throws -> [UInt8]
}

extension Event {
    /// `task-created.1`: name and version, as reactions list them.
    package static var type: String { "\(name).\(version)" }
    package static var older: [OlderVersion<Self>] { [] }
    /// This version and the older ones that are read as this one: all that a consumer takes.
    package static var types: Set<String> { Set(older.map(\.type) + [type]) }
}

/// Events that have no contract, such as those of the kit's own tests.
extension Event where Self: Codable {
    package init(data: [UInt8]) throws { self = try JSONDecoder().decode(Self.self, from: Data(data)) }

    package func data() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(self))
    }
}
