import Messaging
import Storage
import Values

/// The events that a generation holds: for each partition, a set of numbers, stored as blocks of bits. So an event
/// counts once, however often and in whatever order it comes (X33), and a rebuild and live events can fill one
/// generation at the same time.
struct AppliedEvents {
    /// How many numbers one row holds.
    static let block: Int64 = 2048

    private let generation: Int
    private var blocks: [Int64: [UInt8]]
    private var changed: Set<Int64> = []

    /// Reads which of these facts the generation holds.
    init(_ facts: [Fact], generation: Int, in transaction: any Transaction) throws {
        self.generation = generation
        blocks = [:]
        let rows = try transaction.fetch(in: Set(facts.map(AppliedEvents.slot)).sorted()) {
            "SELECT slot, bits FROM seen WHERE generation = \(generation) AND slot IN (\(list: $0))"
        }
        for row in rows { blocks[try row(0)] = try row(1, as: [UInt8].self) }
    }

    private static func slot(_ fact: Fact) -> Int64 {
        fact.number / block * Int64(Topic.partitions) + Int64(fact.partition)
    }

    /// Adds a fact; `false` if the generation holds it already.
    mutating func insert(_ fact: Fact) -> Bool {
        let slot = AppliedEvents.slot(fact)
        let place = Int(fact.number % AppliedEvents.block)
        let bit: UInt8 = 1 << (place & 7)
        var bits = blocks.removeValue(forKey: slot) ?? [UInt8](repeating: 0, count: Int(AppliedEvents.block) / 8)
        defer { blocks[slot] = bits }
        guard bits[place >> 3] & bit == 0 else { return false }
        bits[place >> 3] |= bit
        changed.insert(slot)
        return true
    }

    func write(in transaction: any Transaction) throws {
        try transaction.send(
            """
            INSERT INTO seen (generation, slot, bits) VALUES (?, ?, ?)
            ON CONFLICT (generation, slot) DO UPDATE SET bits = excluded.bits
            """,
            rows: changed.sorted().map { [generation.stored, .integer($0), .blob(blocks[$0] ?? [])] })
    }
}
