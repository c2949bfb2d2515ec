import Values

/// The ids of what a close makes: they follow from the account and the day, so a close that is tried again makes the
/// same ones, and a second close of the same day could not be stored.
enum CloseID {
    /// The payout, its entry and the event that requests it.
    static func payout(of account: ID, on day: Day) -> ID { moment(day).derived("payout \(account)") }
    /// The event that says that the account was closed.
    static func closed(_ account: ID, on day: Day) -> ID { moment(day).derived("day-closed \(account)") }
    /// The event that says that the day was sealed.
    static func sealed(_ day: Day) -> ID { moment(day).derived("day-sealed") }
    /// What sets a day's closes off: no request of anybody's, but the day's end.
    static func trace(_ day: Day) -> String { "day-close-\(day)" }

    /// The day's end in UTC, so that these ids stand near those of the day's other entries.
    private static func moment(_ day: Day) -> ID {
        ID(milliseconds: Int64(day.number + 1) * 86_400_000, random: (0, 0))
    }
}
