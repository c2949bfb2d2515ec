import Values

/// An event in transit: the CloudEvents 1.0 attributes and the data.
package struct Envelope: Sendable, Hashable {
    /// Unique, and the same on every delivery.
    package let id: ID
    package let topic: String
    /// `task-created`
    package let name: String
    package let version: Int
    package let key: ID
    /// When it happened, at the publisher.
    package let time: Instant
    /// The id of the request that caused the event. It is carried through every service, for the logs.
    package let trace: String
    /// JSON.
    package let data: [UInt8]
    /// The event's place in its topic. The partition follows from the key; the number counts from 1 without a gap. The
    /// number is 0 until the relay has assigned it.
    package var partition: Int
    package var number: Int64
    /// Proves that the writer had the installation's secret: see ``EventCodes``. `nil` if an old version wrote the
    /// event.
    package var code: EventCode?
    /// Proves the same for the number.
    package var numberCode: EventCode?
    /// Which fields of the data are personal, and their salt: see ``PersonalFields``. Empty if there are none.
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

    /// The longest trace that is carried, in bytes: every log can store this many.
    package static let longestTrace = 250

    /// Reads the data as an event of a known type. An older version that the type knows is read as the newer one.
    /// - Throws: ``UnreadableEvent`` if it is another event, or the data doesn't fit.
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

/// For the operations pages. The codes are left out, so that nothing accepts such an envelope as an event.
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
        // As a text: an array of numbers would be three times as long.
        try fields.encode(String(decoding: data, as: UTF8.self), forKey: .data)
        try fields.encode(partition, forKey: .partition)
        try fields.encode(number, forKey: .number)
    }
}
