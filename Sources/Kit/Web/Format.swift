import Values

/// How numbers, money and time are written on pages, in one language and the company's time zone.
package struct Format: Sendable {
    package let language: Language
    package let company: Company

    package init(language: Language, company: Company) {
        self.language = language
        self.company = company
    }

    /// `1,234.50` in English, `1 234,50` in Russian (thin no-break spaces), a real minus sign; without the currency.
    package func money(_ cents: Cents) -> String {
        let magnitude = cents.amount.magnitude
        let fraction = magnitude % 100
        let decimal = language == .english ? "." : ","
        return (cents.amount < 0 ? "\u{2212}" : "") + grouped(magnitude / 100) + decimal
            + (fraction < 10 ? "0" : "") + String(fraction)
    }

    /// As ``money(_:)``, with a plus sign before a positive sum: for changes.
    package func signed(_ cents: Cents) -> String {
        (cents.amount > 0 ? "+" : "") + money(cents)
    }

    package func count(_ number: some BinaryInteger) -> String {
        (number < 0 ? "\u{2212}" : "") + grouped(UInt64(number.magnitude))
    }

    /// `21 Nov 2026, 09:30`, company time.
    package func time(_ instant: Instant) -> String {
        let local = company.calendar.local(instant)
        guard let day = Day(String(local.prefix(10))) else { return local }
        return "\(self.day(day)), \(local.dropFirst(11).prefix(5))"
    }

    /// `09:30:05`, company time.
    package func clock(_ instant: Instant) -> String {
        String(company.calendar.local(instant).suffix(8))
    }

    /// `21 Nov 2026`, `21 ноя 2026`.
    package func day(_ day: Day) -> String {
        let (year, month, number) = day.date
        let names =
            language == .english
            ? ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            : ["янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек"]
        return "\(number) \(names[month - 1]) \(year)"
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
