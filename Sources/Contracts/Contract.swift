import Foundation
import Messaging
import Web

/// An event with its contract: what a consumer, in this program or another, may rely on. Every event in this target has
/// one, and stands in ``PublishedEvents``.
package protocol Contract: Event {
    /// What it tells, in one sentence.
    static var about: String { get }
    /// The fields of its data, in order. A test proves that they are what the type really encodes and decodes.
    static var fields: [Schema.Field] { get }
    /// The field that holds the key: `task`, `person.id`.
    static var keyField: String { get }
    /// One with every field.
    static var example: Self { get }
}

extension Contract {
    /// The contract as data, for the files in `contracts/` and the reference page.
    package static var contract: EventDescription {
        EventDescription(
            topic: topic.name, name: name, version: version, about: about, fields: fields, keyField: keyField,
            example: written)
    }

    /// The example as the journal would write it, its fields in the order of the contract.
    private static var written: JSONText {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(example), let value = try? JSONText([UInt8](data)) else { return .null }
        guard case .object(let members) = value else { return value }
        let order = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1.name, $0) })
        return .object(
            members.sorted { (order[$0.name] ?? .max, $0.name) < (order[$1.name] ?? .max, $1.name) })
    }
}
