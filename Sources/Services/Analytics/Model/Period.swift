import Values

/// A range of days around a date: the day itself, its ISO week, or its month.
enum Period: String, CaseIterable, Sendable {
    case day, week, month

    /// The first and the last day of the period that contains `day`.
    func range(around day: Day) -> ClosedRange<Day> {
        switch self {
        case .day: return day...day
        case .week:
            let monday = day.adding(days: 1 - day.weekday)
            return monday...monday.adding(days: 6)
        case .month: return day.month
        }
    }

    /// The week's year and number, as ISO 8601 counts: the week belongs to the year of its Thursday.
    static func week(of day: Day) -> (year: Int, week: Int) {
        let thursday = day.adding(days: 4 - day.weekday)
        let date = thursday.date
        var dayOfYear = date.day - 1
        for month in 1..<date.month { dayOfYear += length(of: month, in: date.year) }
        return (date.year, dayOfYear / 7 + 1)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
