import Foundation
import Values

/// How numbers, money and time are written on pages, in one language and the company's time zone.
package struct Format: Sendable {
    package let language: Language
    package let company: Company

    package init(language: Language, company: Company) {
        self.language = language
        self.company = company
    }

    /// `1,234.50` in English, `1 234,50` in Russian (thin no-break spaces), with a real minus sign, without the
    /// currency.
    package func money(_ cents: Cents) -> String {
        let magnitude = cents.amount.magnitude
        let fraction = magnitude % 100
        let decimal = language == .english ? "." : ","
        return (cents.amount < 0 ? "\u{2212}" : "") + grouped(magnitude / 100) + decimal
            + (fraction < 10 ? "0" : "") + String(fraction)
    }

    /// Like ``money(_:)``, with a plus sign before a positive amount: for changes.
    package func signed(_ cents: Cents) -> String {
        (cents.amount > 0 ? "+" : "") + money(cents)
    }

    package func count(_ number: some BinaryInteger) -> String {
        (number < 0 ? "\u{2212}" : "") + grouped(UInt64(number.magnitude))
    }

    /// `21 Nov 2026, 09:30`, company time.
    package func time(_ instant: Instant) -> String {
        let (day, second) = company.calendar.wall(instant)
        return "\(self.day(day)), \(Format.minute(second))"
    }

    /// Relative to `now`: `09:30` today, `yesterday 09:30`, `21 Nov, 09:30` this year, `21 Nov 2025, 09:30`.
    package func moment(_ instant: Instant, now: Instant) -> String {
        moment(company.calendar.wall(instant), today: company.calendar.wall(now).day)
    }

    /// `21 Nov 2026, 09:30:05, Europe/Berlin`.
    package func exact(_ instant: Instant) -> String { exact(company.calendar.wall(instant)) }

    /// `09:30:05`, company time.
    package func clock(_ instant: Instant) -> String { Format.clock(company.calendar.wall(instant).second) }

    /// The element of a moment: as people say it on `today`, and exactly on hover and for screen readers. One text,
    /// because a list has hundreds.
    func element(_ instant: Instant, today: Day) -> String {
        let wall = company.calendar.wall(instant)
        let exact = Markup.escape(exact(wall))
        return """
            <time datetime="\(instant.description)" title="\(exact)"><span aria-hidden="true">\(moment(wall, today: today))\
            </span><span class="visually-hidden">\(exact)</span></time>
            """
    }

    private typealias Wall = (day: Day, second: Int)

    private func moment(_ wall: Wall, today: Day) -> String {
        let time = Format.minute(wall.second)
        switch wall.day {
        case today: return time
        case today.previous: return (language == .english ? "yesterday " : "вчера в ") + time
        case today.next: return (language == .english ? "tomorrow " : "завтра в ") + time
        default: return "\(wall.day.date.year == today.date.year ? short(wall.day) : day(wall.day)), \(time)"
        }
    }

    private func exact(_ wall: Wall) -> String {
        "\(day(wall.day)), \(Format.clock(wall.second)), \(company.calendar.zone.identifier)"
    }

    private static func minute(_ second: Int) -> String { "\(padded(second / 3600)):\(padded(second / 60 % 60))" }
    private static func clock(_ second: Int) -> String { "\(minute(second)):\(padded(second % 60))" }
    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }

    /// `21 Nov 2026`, `21 ноя 2026`.
    package func day(_ day: Day) -> String {
        "\(short(day)) \(day.date.year)"
    }

    /// Parses a typed day: `2026-11-21`, or as ``day(_:)`` writes it. Without the year, it is the last such day.
    package func day(typed text: String, today: Day) -> Day? {
        if let day = Day(text) { return day }
        let words = FoldedText.words(text)
        guard (2...3).contains(words.count), let number = Int(words[0]),
            let month = months.firstIndex(where: { words[1].begins(with: FoldedText.text($0)) })
        else { return nil }
        let year = words.count == 3 ? Int(words[2]) : today.date.year
        guard let year, let day = Day(year: year, month: month + 1, day: number) else { return nil }
        return words.count == 2 && day > today ? Day(year: year - 1, month: month + 1, day: number) : day
    }

    /// `21 Nov`, `21 ноя`.
    private func short(_ day: Day) -> String {
        let (_, month, number) = day.date
        return "\(number) \(months[month - 1])"
    }

    private var months: [String] {
        language == .english
            ? ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            : ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
    }

    private func grouped(_ number: UInt64) -> String {
        let digits = String(number)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += language == .english ? "," : "\u{202F}" }
            text.append(digit)
        }
        return text
    }
}
