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
