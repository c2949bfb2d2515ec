import Messaging

/// An event with its contract: what a consumer, in this program or another, may rely on. Every event in `Contracts` has
/// one, and its publisher lists it.
package protocol Contract: Event, Shaped {
    /// What the event means, in one sentence.
    static var about: String { get }
    /// The field that holds the key: `task`, `person.id`.
    static var keyField: String { get }
    /// An example with every field.
    static var example: Self { get }
}

extension Contract {
    package init(data: [UInt8]) throws { self = try Self.read(data) }

    /// Reads an event from its data, by its shape.
    package static func read(_ data: [UInt8]) throws -> Self {
        do {
            return try shape.read(JSONText(data))
        } catch let mismatch as JSONMismatch {
            throw UnreadableEvent(reason: "\(mismatch.place) is missing, or of another type")
        }
    }

    package func data() -> [UInt8] { Self.shape.resource.written(self) }

    /// The fields of its data, in order.
    package static var fields: [Schema.Field] { shape.resource.fields.map(\.declared) }

    /// The contract as data, for the files in `contracts/` and the reference page.
    package static var contract: EventDescription {
        EventDescription(
            topic: topic.name, name: name, version: version, about: about, fields: fields, keyField: keyField,
            example: written)
    }

    /// The example as the journal would write it, with fields in the order of the contract.
    private static var written: JSONText {
        guard let value = try? JSONText(example.data()) else { return .null }
        guard case .object(let members) = value else { return value }
        let order = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
        return .object(
            members.sorted { (order[$0.name] ?? .max, $0.name) < (order[$1.name] ?? .max, $1.name) })
    }
}
