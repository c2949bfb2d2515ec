import Values

extension Company {
    /// A company for tests: euros, Berlin time, close at midnight unless told otherwise.
    package static func test(
        zone: String = "Europe/Berlin", closingHour: Int = 0, publicAddress: String = "http://localhost:8080"
    ) -> Company {
        guard let calendar = BusinessCalendar(zone: zone, closingHour: closingHour) else {
            preconditionFailure("no such time zone: \(zone)")
        }
        return Company(
            installation: ID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), name: "Popug Inc.",
            currency: "EUR", calendar: calendar, publicAddress: publicAddress)
    }
}
