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
