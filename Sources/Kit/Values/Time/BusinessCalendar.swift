import Foundation

/// The company's days. A business day begins at the closing hour of the calendar day before, in the company's time zone
/// (X26). With closing hour 0 a business day is the calendar day. With 18, an entry that is booked at 19:00 on Monday
/// belongs to Tuesday.
package struct BusinessCalendar: Sendable {
    package let zone: TimeZone
    /// 0 to 23; 0 is midnight.
    package let closingHour: Int

    /// `nil` for an unknown IANA zone or an hour out of range.
    package init?(zone identifier: String, closingHour: Int) {
        guard let zone = TimeZone(identifier: identifier), (0...23).contains(closingHour) else { return nil }
        self.zone = zone
        self.closingHour = closingHour
    }

    /// The business day that a moment falls on by the clock. Only Accounting decides which day is open; the other
    /// services read it from Accounting's events.
    package func day(of instant: Instant) -> Day {
        let (day, second) = wall(instant)
        return closingHour > 0 && second / 3600 >= closingHour ? day.next : day
    }

    /// The first moment after the business day: from then on it is to be closed. If a clock change skips the closing
    /// hour, this is the moment of the change. If the hour occurs twice, this is the first.
    package func end(of day: Day) -> Instant {
        moment(closingHour == 0 ? day.next : day, second: closingHour * 3600)
    }

    /// What a wall clock's time stands for (S1).
    package enum Reading: Hashable, Sendable {
        /// A moment at which a wall clock shows it. If it shows it twice, because clocks are put back, the first.
        case moment(Instant)
        /// No moment: clocks are put forward past it. Its two readings are by the offset before the change, which is a
        /// later time by the clocks, and by the offset after it, which is an earlier one.
        case skipped(before: Instant, after: Instant)
    }

    /// Reads a time of a calendar day, as people write it.
    ///
    /// - Parameter second: of the day by the wall clock, as in ``wall(_:)``.
    package func reading(_ day: Day, second: Int) -> Reading {
        let wall = Instant(seconds: Int64(day.number) * 86_400 + Int64(second))
        // Offsets are less than a day: if a clock change is near, one is the offset before it, the other the one after.
        let before = wall.adding(seconds: -offset(at: wall.adding(seconds: -86_400)))
        let after = wall.adding(seconds: -offset(at: wall.adding(seconds: 86_400)))
        for moment in [before, after] where self.wall(moment) == (day, second) { return .moment(moment) }
        return .skipped(before: before, after: after)
    }

    /// The first moment at which a wall clock has come to a time of a calendar day, when something is due at that time.
    /// If a clock change skips the time, this is the moment of the change. If it occurs twice, this is the first.
    ///
    /// - Parameter second: of the day by the wall clock, as in ``wall(_:)``.
    package func moment(_ day: Day, second: Int) -> Instant {
        switch reading(day, second: second) {
        case .moment(let moment): return moment
        case .skipped(let before, let after):
            // The change lies between the two: up to it the offset is the one before.
            var (low, high) = (after.seconds, before.seconds)
            let old = offset(at: after)
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(at: Instant(seconds: middle)) == old { low = middle } else { high = middle }
            }
            return Instant(seconds: high)
        }
    }

    /// Local wall-clock time as `YYYY-MM-DD HH:MM:SS`, for pages and files.
    package func local(_ instant: Instant) -> String {
        let shifted = instant.adding(seconds: offset(at: instant)).description
        return shifted.prefix(10) + " " + shifted.dropFirst(11).prefix(8)
    }

    /// The calendar day and the second of the day that a wall clock shows.
    package func wall(_ instant: Instant) -> (day: Day, second: Int) {
        let seconds = instant.seconds + offset(at: instant)
        let day = seconds.floored(by: 86_400)
        return (Day(number: Int(day)), Int(seconds - day * 86_400))
    }

    private func offset(at instant: Instant) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.seconds))))
    }
}
