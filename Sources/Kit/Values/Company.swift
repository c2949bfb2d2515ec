/// The company that an installation serves. `popug init` sets it once; every service reads it.
package struct Company: Sendable {
    /// The same for the installation's whole life. It is the key of events that are about the whole installation.
    package let installation: ID
    package let name: String
    /// ISO 4217, three capitals. It is only a label: all amounts are in this currency.
    package let currency: String
    package let calendar: BusinessCalendar
    /// `https://popug.example.com`, without a slash at the end. Used for links in letters and for cookies.
    package let publicAddress: String

    package init(installation: ID, name: String, currency: String, calendar: BusinessCalendar, publicAddress: String) {
        self.installation = installation
        self.name = name
        self.currency = currency
        self.calendar = calendar
        self.publicAddress = publicAddress
    }
}
