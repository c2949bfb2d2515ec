/// A calendar day, written `2026-11-21`, stored as days since 1970-01-01.
package struct Day: Hashable, Comparable, Sendable {
    package var number: Int

    package init(number: Int) {
        self.number = number
    }

    package static func < (left: Day, right: Day) -> Bool {
        left.number < right.number
    }

    package var next: Day { Day(number: number + 1) }
    package var previous: Day { Day(number: number - 1) }

    package func adding(days: Int) -> Day {
        Day(number: number + days)
    }

    /// The proleptic Gregorian date. The algorithm is Howard Hinnant's `civil_from_days`.
    package var date: (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = shifted.floored(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// `nil` if there is no such date.
    package init?(year: Int, month: Int, day: Int) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floored(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        number = era * 146_097 + dayOfEra - 719_468
        guard date == (year, month, day) else { return nil }
    }

    /// 1 for Monday to 7 for Sunday, as ISO 8601 counts.
    package var weekday: Int {
        let day = (number + 3) % 7
        return (day < 0 ? day + 7 : day) + 1
    }

    /// The billing week that has this day: Sunday to Saturday (S1). The next one has `billingWeek.upperBound.next`, the
    /// one before has `billingWeek.lowerBound.previous`; the same goes for ``month``.
    package var billingWeek: ClosedRange<Day> {
        let sunday = adding(days: -(weekday % 7))
        return sunday...sunday.adding(days: 6)
    }

    /// The month that has this day, from its first to its last day.
    package var month: ClosedRange<Day> {
        let first = adding(days: 1 - date.day)
        // No month has more than 31 days, so this day is in the next month.
        let after = first.adding(days: 31)
        return first...after.adding(days: -after.date.day)
    }
}

extension Day: LosslessStringConvertible {
    /// Reads exactly `YYYY-MM-DD`.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2D }),
            let year = Int(Substring(parts[0])), let month = Int(Substring(parts[1])),
            let day = Int(Substring(parts[2]))
        else { return nil }
        self.init(year: year, month: month, day: day)
    }

    package var description: String {
        let (year, month, day) = date
        let padded = String(year)
        return String(repeating: "0", count: max(0, 4 - padded.count)) + padded
            + (month < 10 ? "-0" : "-") + String(month) + (day < 10 ? "-0" : "-") + String(day)
    }
}

extension Day: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let day = Day(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a date")
        }
        self = day
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
