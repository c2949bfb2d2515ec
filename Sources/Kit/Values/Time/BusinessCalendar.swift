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
        let calendarDay = closingHour == 0 ? day.next : day
        let wall = Int64(calendarDay.number) * 86_400 + Int64(closingHour) * 3600
        // A later moment never has an earlier day, so a binary search over the two days around the boundary finds it.
        var low = wall - 86_400
        var high = wall + 86_400
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.day(of: Instant(seconds: middle)) > day { high = middle } else { low = middle }
        }
        return Instant(seconds: high)
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
