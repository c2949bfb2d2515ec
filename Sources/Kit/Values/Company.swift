/// The company that an installation serves: set once by `popug init`, read by every service.
package struct Company: Sendable {
    /// One for the installation's life; the key of events that are about the whole of it.
    package let installation: ID
    package let name: String
    /// ISO 4217, three capitals; only a label: all sums are in it.
    package let currency: String
    package let calendar: BusinessCalendar
    /// `https://popug.example.com`, without a slash at the end: for links in letters and for cookies.
    package let publicAddress: String

    package init(installation: ID, name: String, currency: String, calendar: BusinessCalendar, publicAddress: String) {
        self.installation = installation
        self.name = name
        self.currency = currency
        self.calendar = calendar
        self.publicAddress = publicAddress
    }
}
