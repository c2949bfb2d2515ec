import Storage
import Values

/// The state of the business day: the open day, the clock's day, and whether a person has to confirm it.
struct DayState: Hashable, Sendable {
    let open: Day
    /// When the open day ends by the calendar.
    let ends: Instant
    /// The business day of the clock.
    let clock: Day
    /// The clock is past the end of the open day.
    let isOver: Bool
    /// The latest day that somebody confirmed.
    let confirmed: Day?

    /// The clock's day is so far past the open one that the clock may be wrong (X26).
    var isSuspicious: Bool { clock.number - open.number > DayClose.trustedDays }
    /// A person has to confirm the clock's day before the open one is closed.
    var waits: Bool { isSuspicious && (confirmed.map { $0 <= open } ?? true) }
    /// The next day may be opened.
    var mayMove: Bool { isOver && !waits }

    static func read(_ calendar: BusinessCalendar, now: Instant, in transaction: any Transaction) throws -> DayState {
        let open = try OpenDay.shown(in: transaction)
        let confirmed: Day? = try transaction.value("SELECT day FROM day_confirmation ORDER BY day DESC LIMIT 1")
        let ends = calendar.end(of: open)
        return DayState(open: open, ends: ends, clock: calendar.day(of: now), isOver: ends <= now, confirmed: confirmed)
    }
}
