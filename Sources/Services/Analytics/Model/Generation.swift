import Storage

/// The generation that is shown, and the one that is being built.
struct Generation: Sendable {
    let current: Int
    let building: Int?

    /// For code that writes figures. The row stays locked, so that one transaction at a time adds figures, and a
    /// rebuild begins and ends between two of them.
    static func locked(in transaction: any Transaction) throws -> Generation {
        try only(transaction.fetchLocking("SELECT current, building FROM generation WHERE one = 1"))
    }

    /// The generation that is shown.
    static func shown(in transaction: any Transaction) throws -> Int {
        try only(transaction.fetch("SELECT current, building FROM generation WHERE one = 1")).current
    }

    private static func only(_ rows: [Row]) throws -> Generation {
        guard let row = rows.first else { throw StorageError.failed("no generation of figures is current") }
        return Generation(current: try row(0), building: try row(1))
    }
}
