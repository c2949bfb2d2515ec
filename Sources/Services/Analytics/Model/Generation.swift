import Storage

/// Which figures are shown, and which are being built.
struct Generation: Sendable {
    let current: Int
    let building: Int?

    /// For whoever writes figures: the row stays locked, so that figures are added by one transaction at a time and a
    /// rebuild begins and ends between two of them.
    static func locked(in transaction: any Transaction) throws -> Generation {
        try only(transaction.fetchLocking("SELECT current, building FROM generation WHERE one = 1"))
    }

    /// The one that is shown.
    static func shown(in transaction: any Transaction) throws -> Int {
        try only(transaction.fetch("SELECT current, building FROM generation WHERE one = 1")).current
    }

    private static func only(_ rows: [Row]) throws -> Generation {
        guard let row = rows.first else { throw StorageError.failed("no generation of figures is current") }
        return Generation(current: try row(0), building: try row(1))
    }
}
