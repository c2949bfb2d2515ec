import Values

/// The ways out of the house that services may use, handed to them by the composition, which knows the drivers. Where
/// one is not given, nothing gets out: for tests, and for what only looks at services.
package struct Outside: Sendable {
    /// Sends a request over HTTP and waits for its whole answer.
    /// - Throws: if no whole answer came.
    package var http: @Sendable (_ request: Request) throws -> Response = { _ in throw OutsideError("no way out") }
    /// A way to hand letters to a mail server. Connects to nothing yet.
    /// - Throws: ``SettingError``.
    package var mail: @Sendable (_ server: MailHost) throws -> any MailTransport = { _ in
        throw OutsideError("no way out")
    }
    /// Whether a password is one of those that are guessed first; without a dictionary none is known.
    package var isGuessed: @Sendable (_ password: String) -> Bool = { _ in false }

    package init() {}

    package struct Request: Sendable {
        package let method: String
        /// Absolute.
        package let url: String
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        package init(method: String, url: String, headers: [(name: String, value: String)], body: [UInt8]) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    package struct Response: Sendable {
        package let status: Int
        package let body: [UInt8]

        package init(status: Int, body: [UInt8]) {
            self.status = status
            self.body = body
        }
    }
}

package struct OutsideError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Where letters are handed over, and as whom.
package struct MailHost: Sendable, Hashable {
    /// How the connection is protected.
    package enum Security: String, Sendable, CaseIterable {
        /// TLS from the first byte (`smtps://`).
        case implicit
        /// STARTTLS (RFC 3207), or nothing is sent.
        case required
        /// STARTTLS if the server offers it.
        case offered
        /// In the clear.
        case none
    }

    package var host: String
    package var port: Int
    package var security: Security
    /// What we call ourselves (EHLO).
    package var name: String
    package var user: String?
    package var password: String?
    /// A file of certificates (PEM) that are trusted instead of the system's.
    package var certificates: String?

    package init(host: String, port: Int, security: Security, name: String) {
        self.host = host
        self.port = port
        self.security = security
        self.name = name
    }
}
