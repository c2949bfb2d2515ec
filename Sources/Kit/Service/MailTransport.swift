/// Sends mail: takes one message and returns the result. It blocks. It is called between two transactions, by one
/// thread at a time.
package protocol MailTransport: Sendable {
    /// The server that it sends letters to, for people to read: `smtp://mail.example.com:587`. Without credentials.
    var address: String { get }

    /// - Parameters:
    ///   - from: the envelope's sender.
    ///   - recipient: the envelope's only recipient.
    ///   - message: RFC 5322, lines ended by CR and LF.
    /// - Throws: if the program ends before the result is known.
    func send(from: String, to recipient: String, message: [UInt8]) throws -> Delivery
}

/// A mail server's answer to one message.
package struct Delivery: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// The server has taken responsibility for the message.
        case accepted
        /// The server will never accept this message.
        case refused
        /// The server did not accept this message now.
        case later
        /// The server cannot be reached, or accepts nothing from us. This is not the message's fault.
        case away
    }

    package let outcome: Outcome
    /// SMTP's reply code; 0 if there was none.
    package let code: Int
    /// The server's text, or what went wrong on the way to the server.
    package let words: String

    package init(_ outcome: Outcome, code: Int = 0, words: String) {
        self.outcome = outcome
        self.code = code
        self.words = words
    }
}
