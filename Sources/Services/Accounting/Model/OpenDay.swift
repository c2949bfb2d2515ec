import Storage
import Values

/// The business day on which entries are booked. It is one row. Every booking reads it under a shared lock, and a close
/// moves it first, so nothing is booked on a day that is being closed (X25, X26).
enum OpenDay {
    /// Read for a booking: the day cannot move before the transaction ends.
    static func shared(in transaction: any Transaction) throws -> Day {
        try only(transaction.fetchSharing("SELECT day FROM open_day WHERE one = 1"))
    }

    /// Read for the close, which moves it.
    static func locked(in transaction: any Transaction) throws -> Day {
        try only(transaction.fetchLocking("SELECT day FROM open_day WHERE one = 1"))
    }

    /// Read for display, without a lock.
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
