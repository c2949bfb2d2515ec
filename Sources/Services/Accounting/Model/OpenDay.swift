import Storage
import Values

/// The business day that is booked on: one row, read under a shared lock by every booking, and moved first by a close,
/// so that nothing is booked on a day that is being closed (X25, X26).
enum OpenDay {
    /// For a booking: it cannot move before the transaction ends.
    static func shared(in transaction: any Transaction) throws -> Day {
        try only(transaction.fetchSharing("SELECT day FROM open_day WHERE one = 1"))
    }

    /// For the close, which moves it.
    static func locked(in transaction: any Transaction) throws -> Day {
        try only(transaction.fetchLocking("SELECT day FROM open_day WHERE one = 1"))
    }

    /// For looking at.
    static func shown(in transaction: any Transaction) throws -> Day {
        try only(transaction.fetch("SELECT day FROM open_day WHERE one = 1"))
    }

    static func move(to day: Day, in transaction: any Transaction) throws {
        try transaction.send("UPDATE open_day SET day = \(day) WHERE one = 1")
    }

    private static func only(_ rows: [Row]) throws -> Day {
        guard let row = rows.first else {
            throw StorageError.failed("no day was ever opened: accounting is not prepared")
        }
        return try row(0)
    }
}
