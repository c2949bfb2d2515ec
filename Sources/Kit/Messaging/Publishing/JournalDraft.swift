import Storage
import Values

extension Journal {
    /// An event that is to be written together with others, of any type.
    package struct Draft: Sendable {
        package let event: any Event
        /// New, or derived from the event that caused this one.
        package let id: ID
        package let trace: String

        package init(_ event: some Event, id: ID, trace: String) {
            self.event = event
            self.id = id
            self.trace = trace
        }
    }

    /// Writes events of several types, in order: events of one key stay in the order in which they happened (X41).
    package func append(_ drafts: [Draft], at time: Instant, in transaction: any Transaction) throws {
        guard !drafts.isEmpty else { return }
        let rows = try drafts.flatMap { try written($0.event, id: $0.id, at: time, trace: $0.trace) }
        try transaction.send(Journal.insertion, rows: rows)
    }
}
