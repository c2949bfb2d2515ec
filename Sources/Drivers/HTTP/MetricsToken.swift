import Values

/// What a program that reads `/metrics` sends: `Authorization: Bearer …`.
package struct MetricsToken: Sendable, CustomStringConvertible, CustomReflectable {
    private let text: String

    /// `nil` for a token that is too short to be a secret, or that cannot be sent in a header.
    package init?(_ text: String) {
        guard (16...1000).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }

    /// Says nothing about the token, even if something that contains one is printed as a whole.
    package var description: String { "a metrics token" }
    package var customMirror: Mirror { Mirror(reflecting: description) }

    package func accepts(authorization: String?) -> Bool {
        guard let authorization else { return false }
        let scheme = "bearer "
        guard authorization.utf8.count > scheme.utf8.count, authorization.lowercased().hasPrefix(scheme) else {
            return false
        }
        return String(authorization.dropFirst(scheme.count)).isSame(as: text)
    }
}
