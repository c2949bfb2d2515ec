import TestKit
import Testing
import Values

@Suite("Weeks, months and times of the company's calendar")
struct CalendarTests {
    private func calendar(_ zone: String, closingHour: Int = 0) throws -> BusinessCalendar {
        try #require(BusinessCalendar(zone: zone, closingHour: closingHour))
    }

    private func day(_ text: String) throws -> Day { try #require(Day(text)) }
    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    // MARK: Weeks and months

    @Test(
        "S1: a billing week is Sunday to Saturday, a month all its days",
        arguments: [
            // An ordinary day, both ends of a week, and both of a month.
            ("2027-10-27", "2027-10-24", "2027-10-30", "2027-10-01", "2027-10-31"),
            ("2027-10-30", "2027-10-24", "2027-10-30", "2027-10-01", "2027-10-31"),
            ("2027-10-31", "2027-10-31", "2027-11-06", "2027-10-01", "2027-10-31"),
            ("2027-11-01", "2027-10-31", "2027-11-06", "2027-11-01", "2027-11-30"),
            // Leap years, a century, ends of years, and days before 1970.
            ("2028-02-29", "2028-02-27", "2028-03-04", "2028-02-01", "2028-02-29"),
            ("2027-02-28", "2027-02-28", "2027-03-06", "2027-02-01", "2027-02-28"),
            ("2100-02-14", "2100-02-14", "2100-02-20", "2100-02-01", "2100-02-28"),
            ("2027-12-31", "2027-12-26", "2028-01-01", "2027-12-01", "2027-12-31"),
            ("1969-12-31", "1969-12-28", "1970-01-03", "1969-12-01", "1969-12-31"),
        ])
    func ranges(text: String, sunday: String, saturday: String, first: String, last: String) throws {
        let day = try day(text)
        #expect(try day.billingWeek == self.day(sunday)...self.day(saturday))
        #expect(try day.month == self.day(first)...self.day(last))
    }

    @Test("S1, S45: weeks and months follow one another without a gap, and every day has one of each")
    func rows() throws {
        var day = try day("1999-12-20")
        while day < Day(number: 12_500) {
            let week = day.billingWeek
            #expect(week.lowerBound.weekday == 7 && week.upperBound.weekday == 6)
            #expect(week.contains(day) && day.month.contains(day))
            #expect(week.upperBound.next.billingWeek.lowerBound == week.upperBound.next)
            #expect(week.lowerBound.previous.billingWeek.upperBound == week.lowerBound.previous)
            let month = day.month
            #expect(month.lowerBound.date.day == 1 && month.upperBound.next.date.day == 1)
            #expect(month.lowerBound.date.month == day.date.month && month.upperBound.date.month == day.date.month)
            #expect(month.lowerBound.previous.month.upperBound == month.lowerBound.previous)
            day = day.next
        }
    }

    @Test("S45: an order belongs to the week and the month of the business day on which it ended")
    func ended() throws {
        let midnight = try calendar("Europe/Berlin")
        let saturday = try day("2027-10-30")
        #expect(try midnight.day(of: instant("2027-10-30T21:59:59.999Z")).billingWeek.upperBound == saturday)
        #expect(try midnight.day(of: instant("2027-10-30T22:00:00.000Z")).billingWeek.lowerBound == saturday.next)
        // With a closing hour the week ends on Saturday at that hour.
        let evening = try calendar("Europe/Berlin", closingHour: 18)
        #expect(try evening.day(of: instant("2027-10-30T15:59:59.999Z")).billingWeek.upperBound == saturday)
        #expect(try evening.day(of: instant("2027-10-30T17:00:00Z")).billingWeek.lowerBound == saturday.next)
        // The second 02:30 of the day on which clocks are put back.
        let second = midnight.day(of: try instant("2027-10-31T01:30:00Z"))
        #expect(second.billingWeek.lowerBound == saturday.next)
        #expect(second.month.upperBound == saturday.next)
    }

    // MARK: Times of a day

    @Test(
        "S45, S54: a run begins at its hour by the clocks, on days of a clock change too",
        arguments: [
            ("Europe/Berlin", "2027-10-30", 6, "2027-10-30T04:00:00Z"),
            ("Europe/Berlin", "2027-10-31", 6, "2027-10-31T05:00:00Z"),
            ("Europe/Berlin", "2027-11-01", 6, "2027-11-01T05:00:00Z"),
            ("Europe/Berlin", "2024-03-31", 6, "2024-03-31T04:00:00Z"),
            ("America/Juneau", "2027-11-07", 6, "2027-11-07T15:00:00Z"),
            ("Pacific/Apia", "2011-12-29", 6, "2011-12-29T16:00:00Z"),
            // Skipped: at the change. On 30 December 2011 that is a whole day.
            ("Europe/Berlin", "2024-03-31", 2, "2024-03-31T01:00:00Z"),
            ("Pacific/Apia", "2011-12-30", 6, "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", 6, "2011-12-30T16:00:00Z"),
            // Twice: the first.
            ("Europe/Berlin", "2027-10-31", 2, "2027-10-31T00:00:00Z"),
        ])
    func runs(zone: String, text: String, hour: Int, expected: String) throws {
        #expect(try calendar(zone).moment(day(text), second: hour * 3600) == instant(expected))
    }

    @Test(
        "S45: no two weeks' runs are at the same time, and each is after its week has ended",
        arguments: [
            "UTC", "Europe/Berlin", "America/Juneau", "Pacific/Apia", "Pacific/Kiritimati", "Australia/Lord_Howe",
            "America/Santiago",
        ])
    func rising(zone: String) throws {
        for closingHour in [0, 3, 18, 23] {
            let calendar = try calendar(zone, closingHour: closingHour)
            var week = try day("2011-10-05").billingWeek
            var last = Instant(seconds: 0)
            for _ in 0..<60 {
                let sunday = week.upperBound.next
                for hour in [0, 2, 6, 23] {
                    let run = calendar.moment(sunday, second: hour * 3600)
                    #expect(run > last && run >= calendar.end(of: week.upperBound), "\(sunday) \(hour)")
                    last = run
                }
                week = sunday.billingWeek
            }
        }
    }

    @Test("S1: a wished time that clocks skip has two readings; of one that they show twice the first is meant")
    func readings() throws {
        let berlin = try calendar("Europe/Berlin")
        let spring = try day("2024-03-31")
        let halfPastTwo = 2 * 3600 + 1800
        let skipped = BusinessCalendar.Reading.skipped(
            before: try instant("2024-03-31T01:30:00Z"), after: try instant("2024-03-31T00:30:00Z"))
        #expect(berlin.reading(spring, second: halfPastTwo) == skipped)
        #expect(try berlin.local(instant("2024-03-31T01:30:00Z")) == "2024-03-31 03:30:00")
        #expect(try berlin.local(instant("2024-03-31T00:30:00Z")) == "2024-03-31 01:30:00")
        // The minutes around it are there.
        #expect(try berlin.reading(spring, second: 7199) == .moment(instant("2024-03-31T00:59:59Z")))
        #expect(try berlin.reading(spring, second: 10_800) == .moment(instant("2024-03-31T01:00:00Z")))
        let autumn = try day("2027-10-31")
        #expect(try berlin.reading(autumn, second: halfPastTwo) == .moment(instant("2027-10-31T00:30:00Z")))
        #expect(try berlin.reading(autumn, second: 7199) == .moment(instant("2027-10-30T23:59:59Z")))
        #expect(try berlin.reading(autumn, second: 10_800) == .moment(instant("2027-10-31T02:00:00Z")))
        // Half an hour.
        let howe = try calendar("Australia/Lord_Howe")
        #expect(
            try howe.reading(day("2027-10-03"), second: 2 * 3600 + 900)
                == .skipped(before: instant("2027-10-02T15:45:00Z"), after: instant("2027-10-02T15:15:00Z")))
        #expect(
            try howe.reading(day("2027-04-04"), second: 6300) == .moment(instant("2027-04-03T14:45:00Z")))
        // Midnight.
        #expect(
            try calendar("America/Santiago").reading(day("2027-09-05"), second: 0)
                == .skipped(before: instant("2027-09-05T04:00:00Z"), after: instant("2027-09-05T03:00:00Z")))
    }

    @Test(
        "S1: what clocks show at a moment is read as that moment, or as an earlier one that they show it at",
        arguments: ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"])
    func back(zone: String) throws {
        let calendar = try calendar(zone)
        let start = try instant("2027-01-01T00:07:00Z")
        for step in 0..<Int64(365 * 24) {
            let moment = start.adding(seconds: step * 3600)
            let (day, second) = calendar.wall(moment)
            guard case .moment(let read) = calendar.reading(day, second: second),
                read == moment || read < moment && calendar.wall(read) == (day, second),
                calendar.moment(day, second: second) == read
            else {
                Issue.record("\(zone), \(moment)")
                return
            }
        }
    }
}
