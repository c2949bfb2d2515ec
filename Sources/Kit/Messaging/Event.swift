import Foundation
import Values

/// A stream of one publisher's events, and the publisher's name: `identity`, `tracker`, `accounting`.
package struct Topic: Hashable, Sendable, CustomStringConvertible {
    package let name: String

    package init(_ name: String) {
        self.name = name
    }

    /// How many partitions every topic has, fixed for good in every shape. Order is kept per key.
    package static let partitions = 16

    /// The partitions that one process reads together where several share them: small enough for a fair share, large
    /// enough that a batch is worth its transaction.
    package static let groups: [Range<Int>] = stride(from: 0, to: partitions, by: 4).map {
        $0..<min($0 + 4, partitions)
    }

    package var description: String { name }
}

/// A fact that a service publishes. A type in Contracts conforms.
package protocol Event: Sendable {
    static var topic: Topic { get }
    /// `task-created`
    static var name: String { get }
    /// From 1. A change that would break a consumer is a new version, and a new Swift type.
    static var version: Int { get }
    /// The versions before this one that consumers of this one understand: they stay in the log. None by default.
    static var older: [OlderVersion<Self>] { get }
    /// What the event is about. Events of one key reach every consumer in the order in which they happened (X41).
    var key: ID { get }

    /// - Parameter data: JSON.
    /// - Throws: if it is none of this event.
    init(data: [UInt8]) throws
    /// What it says, as JSON: its members by name, so that the same event is always the same bytes.
    func data() throws -> [UInt8]
}

extension Event {
    /// `task-created.1`: name and version, as reactions list them.
    package static var type: String { "\(name).\(version)" }
    package static var older: [OlderVersion<Self>] { [] }
    /// This version and the older ones that are read as this one: what a consumer takes.
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

/// An event on its way: the CloudEvents 1.0 attributes beside the data.
package struct Envelope: Sendable, Hashable {
    /// Unique, and the same however often the event is delivered.
    package let id: ID
    package let topic: String
    /// `task-created`
    package let name: String
    package let version: Int
    package let key: ID
    /// When it happened, at the publisher.
    package let time: Instant
    /// The id of the request that set it off, carried through every service for the logs.
    package let trace: String
    /// JSON.
    package let data: [UInt8]
    /// Where it stands in its topic: the partition is its key's, the number counts from 1 without a gap. Both 0 before
    /// the relay has numbered it.
    package var partition: Int
    package var number: Int64
    /// Shows that whoever wrote it has the installation's secret: see ``EventCodes``. None in what an old version wrote.
    package var code: EventCode?
    /// Shows the same of its number.
    package var numberCode: EventCode?
    /// Which fields of the data are personal, and their salt: see ``PersonalFields``. Empty where none is.
    package var personal = PersonalFields.none

    package init(
        id: ID, topic: String, name: String, version: Int, key: ID, time: Instant, trace: String, data: [UInt8],
        partition: Int = 0, number: Int64 = 0
    ) {
        self.id = id
        self.topic = topic
        self.name = name
        self.version = version
        self.key = key
        self.time = time
        self.trace = trace
        self.data = data
        self.partition = partition
        self.number = number
    }

    /// `task-created.1`
    package var type: String { "\(name).\(version)" }

    /// How many bytes of a trace are carried: as many as every log can.
    package static let longestTrace = 250

    /// Reads the data as an event of a known type; an older version that the type knows is read as the newer one.
    /// - Throws: ``UnreadableEvent`` where it is another event, or the data doesn't fit.
    package func event<E: Event>(_ type: E.Type = E.self) throws -> E {
        let older = version == E.version ? nil : E.older.first { $0.version == version }
        guard name == E.name, version == E.version || older != nil else {
            throw UnreadableEvent(reason: "\(name) version \(version) is not \(E.name) version \(E.version)")
        }
        do {
            if let older { return try older.upcast(data) }
            return try E(data: data)
        } catch {
            throw UnreadableEvent(reason: "\(name) \(id): \(error)")
        }
    }
}

/// For the operations pages, and so without its codes: nobody takes such a one for an event.
extension Envelope: Codable {
    private enum CodingKeys: CodingKey {
        case id, topic, name, version, key, time, trace, data, partition, number
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try fields.decode(ID.self, forKey: .id), topic: try fields.decode(String.self, forKey: .topic),
            name: try fields.decode(String.self, forKey: .name),
            version: try fields.decode(Int.self, forKey: .version), key: try fields.decode(ID.self, forKey: .key),
            time: try fields.decode(Instant.self, forKey: .time),
            trace: try fields.decode(String.self, forKey: .trace),
            data: Array(try fields.decode(String.self, forKey: .data).utf8),
            partition: try fields.decode(Int.self, forKey: .partition),
            number: try fields.decode(Int64.self, forKey: .number))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(topic, forKey: .topic)
        try fields.encode(name, forKey: .name)
        try fields.encode(version, forKey: .version)
        try fields.encode(key, forKey: .key)
        try fields.encode(time, forKey: .time)
        try fields.encode(trace, forKey: .trace)
        // As a text, of which an array of numbers would be three times as much.
        try fields.encode(String(decoding: data, as: UTF8.self), forKey: .data)
        try fields.encode(partition, forKey: .partition)
        try fields.encode(number, forKey: .number)
    }
}

/// The data of an event is not what its name promises. The event is parked.
package struct UnreadableEvent: Error, CustomStringConvertible {
    package let reason: String
    package init(reason: String) { self.reason = reason }
    package var description: String { "unreadable event: \(reason)" }
}
