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
        /// How long to wait for the complete answer.
        package let seconds: Int

        package init(
            method: String, url: String, headers: [(name: String, value: String)], body: [UInt8], seconds: Int = 20
        ) {
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
            self.seconds = seconds
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
