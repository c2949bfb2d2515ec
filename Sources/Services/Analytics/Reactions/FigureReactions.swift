import Messaging
import Storage

/// Adds Accounting's events to the figures that are shown, and to those that a rebuild is making.
enum FigureReactions {
    static func apply(_ envelopes: [Envelope], in transaction: any Transaction) throws {
        let facts = try envelopes.map(Fact.init)
        let generation = try Generation.locked(in: transaction)
        try Figures.add(facts, to: generation.current, in: transaction)
        if let building = generation.building { try Figures.add(facts, to: building, in: transaction) }
    }
}
