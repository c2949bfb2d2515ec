import Values

/// A name and an address, for a letter's header and an SMTP envelope.
package struct Mailbox: Sendable, Hashable {
    package let name: String
    /// Follows the rules of ``MailAddress``: only ASCII, and nothing that could end the address.
    package let address: String

    /// - Throws: ``MailAddress/Fault``.
    package init(name: String = "", address: String) throws(MailAddress.Fault) {
        self.name = name
        self.address = try MailAddress(address).text
    }

    /// Reads `Popug <popug@example.com>` or `popug@example.com`.
    /// - Throws: ``MailAddress/Fault``.
    package init(_ text: String) throws(MailAddress.Fault) {
        let scalars = Scalars.trimmed(Array(text.unicodeScalars))
        guard scalars.last == ">", let open = scalars.lastIndex(of: "<") else {
            try self.init(address: text)
            return
        }
        var name = Scalars.trimmed(Array(scalars[..<open]))
        if name.count > 1, name.first == "\"", name.last == "\"" { name = Array(name.dropFirst().dropLast()) }
        try self.init(
            name: Scalars.string(name[...]), address: Scalars.string(scalars[(open + 1)..<(scalars.count - 1)]))
    }

    /// `Popug <popug@example.com>`, for people to read.
    package var description: String {
        let shown = MailAddress.shown(address)
        return name.isEmpty ? shown : "\(name) <\(shown)>"
    }
}
