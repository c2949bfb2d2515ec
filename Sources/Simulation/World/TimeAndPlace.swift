import Values

/// Where and when a run takes place.
enum TimeAndPlace {
    /// Either side of the date line, half-hour zones, and a clock change of half an hour.
    private static let zones = [
        "Europe/Berlin", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe",
        "Asia/Kolkata", "UTC",
    ]

    /// Ordinary days; both clock changes in both hemispheres; leap days; the turn of a year.
    private static let days = [
        "2026-03-02", "2026-03-28", "2026-10-24", "2026-03-07", "2026-04-04", "2028-02-28", "2026-12-30", "2027-02-27",
    ]

    static func company(_ dice: inout Dice) -> Company {
        let zone = dice.pick(zones) ?? "UTC"
        guard let calendar = BusinessCalendar(zone: zone, closingHour: [0, 0, 18][dice.below(3)]) else {
            preconditionFailure("no such time zone: \(zone)")
        }
        return Company(
            installation: ID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), name: "Popug Inc.",
            currency: "EUR", calendar: calendar, publicAddress: "http://localhost:8080")
    }

    static func start(_ dice: inout Dice) -> Instant {
        let day = dice.pick(days).flatMap { Day($0) } ?? Day(number: 20_500)
        return Instant(seconds: Int64(day.number) * 86_400 + Int64(dice.below(86_400)))
    }
}
