import Values

/// Who signs people in: the identity provider of a company (OpenID Connect Core §2). Compared byte by byte.
package struct Issuer: Hashable, Sendable {
    package let address: WebAddress

    /// `nil` for what is no issuer: `https`, or `http` to this machine, without a query (Discovery §3).
    package init?(_ text: String) {
        guard let address = WebAddress(text), address.query == nil else { return nil }
        self.address = address
    }

    package var text: String { address.text }

    /// Whether a provider means this one (Discovery §4.3, Core §3.1.3.7): nothing is made equal that is written
    /// otherwise.
    func isWritten(_ text: String) -> Bool { text.utf8.elementsEqual(self.text.utf8) }
}
