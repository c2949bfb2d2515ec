import HTTPTypes

/// Headers between the gateway and the services. None of them is accepted from outside.
package enum InnerHeader {
    /// The ``GatewayKey``.
    package static let gateway = HTTPField.Name.known("Popug-Gateway")
    /// The caller's network address: one, never a list.
    package static let forwardedFor = HTTPField.Name.known("X-Forwarded-For")
    package static let requestID = HTTPField.Name.known("X-Request-Id")
    /// ``browser`` if the token came in a cookie.
    package static let from = HTTPField.Name.known("Popug-From")
    package static let browser = "browser"
}

extension HTTPField.Name {
    /// For names that are written in the program's code.
    package static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header's name") }
        return name
    }
}
