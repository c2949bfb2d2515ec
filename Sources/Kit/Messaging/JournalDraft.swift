import Foundation
import Storage
import Values

extension Journal {
    /// An event that is to be written together with others, of whatever types.
    package struct Draft: Sendable {
        package let event: any Event
        /// New, or derived from the event that this one follows from.
        package let id: ID
        package let trace: String

        package init(_ event: some Event, id: ID, trace: String) {
            self.event = event
            self.id = id
            self.trace = trace
        }
    }

    /// Writes several events of several types, in their order: what is about one key stays in the order in which it
    /// happened (X41).
    package func append(_ drafts: [Draft], at time: Instant, in transaction: any Transaction) throws {
        guard !drafts.isEmpty else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let rows = try drafts.map { draft -> [Value] in
            let type = Swift.type(of: draft.event)
            precondition(type.topic == topic, "\(type.name) belongs to \(type.topic), not \(topic)")
            let key = draft.event.key
            return [
                draft.id.stored, key.stored, key.partition(of: Topic.partitions).stored, .text(type.name),
                type.version.stored, time.stored, .text(draft.trace), .blob([UInt8](try encoder.encode(draft.event))),
            ]
        }
        try transaction.send(
            "INSERT INTO journal (id, key, partition, name, version, time, trace, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            rows: rows)
    }
}
