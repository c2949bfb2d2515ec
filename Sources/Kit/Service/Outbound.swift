import Values

/// The connections to the outside that services may use. The composition, which knows the drivers, passes them in. If
/// one is not given, nothing can be sent: for tests, and for programs that only inspect services.
package struct Outbound: Sendable {
    /// Sends a request over HTTP and waits for the complete answer.
    /// - Throws: if no complete answer came.
    package var http: @Sendable (_ request: Request) throws -> Response = { _ in throw OutboundError("no way out") }
    /// Makes a transport to a mail server. Does not connect yet.
    /// - Throws: ``SettingError``.
    package var mail: @Sendable (_ server: MailHost) throws -> any MailTransport = { _ in
        throw OutboundError("no way out")
    }
    /// Whether a password is one of the commonly guessed ones. Without a dictionary the answer is always no.
    package var isGuessed: @Sendable (_ password: String) -> Bool = { _ in false }

    package init() {}

    package struct Request: Sendable {
        package let method: String
        /// An absolute URL.
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

package struct OutboundError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// The server that letters are sent through, and the account.
package struct MailHost: Sendable, Hashable {
    /// How the connection is protected.
    package enum Security: String, Sendable, CaseIterable {
        /// TLS from the first byte (`smtps://`).
        case implicit
        /// STARTTLS (RFC 3207) is required; without it nothing is sent.
        case required
        /// STARTTLS if the server offers it.
        case offered
        /// Not encrypted.
        case none
    }

    package var host: String
    package var port: Int
    package var security: Security
    /// The name that we give to the server (EHLO).
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
