import Values

/// The ids of what a close makes. They are derived from the account and the day, so a close that is tried again makes
/// the same ones, and a second close of the same day cannot be stored.
enum CloseID {
    /// The id of the payout, of its entry, and of the event that requests it.
    static func payout(of account: ID, on day: Day) -> ID { moment(day).derived("payout \(account)") }
    /// The id of the event that reports the account as closed.
    static func closed(_ account: ID, on day: Day) -> ID { moment(day).derived("day-closed \(account)") }
    /// The id of the event that reports the day as sealed.
    static func sealed(_ day: Day) -> ID { moment(day).derived("day-sealed") }
    /// The trace of a day's closes: no request starts them, but the end of the day.
    static func trace(_ day: Day) -> String { "day-close-\(day)" }

    /// The day's end in UTC, so that these ids sort near those of the day's other entries.
    private static func moment(_ day: Day) -> ID {
        ID(milliseconds: Int64(day.number + 1) * 86_400_000, random: (0, 0))
    }
}
