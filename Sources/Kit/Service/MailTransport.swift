/// The way out of the house: takes one message and says what became of it. It blocks; it is called between two
/// transactions, by one thread at a time.
package protocol MailTransport: Sendable {
    /// Where it hands letters over, for people to read: `smtp://mail.example.com:587`. Without any credential.
    var address: String { get }

    /// - Parameters:
    ///   - from: the envelope's sender.
    ///   - recipient: the envelope's only recipient.
    ///   - message: RFC 5322, lines ended by CR and LF.
    /// - Throws: where the program ends before it is known what became of the message.
    func send(from: String, to recipient: String, message: [UInt8]) throws -> Delivery
}

/// What a mail server said to one message.
package struct Delivery: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        /// It answers for the message from now on.
        case accepted
        /// It will never take this message.
        case refused
        /// It did not take this message now.
        case later
        /// It cannot be reached, or takes nothing from us: no message's fault.
        case away
    }

    package let outcome: Outcome
    /// SMTP's reply code; 0 where there was none.
    package let code: Int
    /// The server's words, or what went wrong on the way to it.
    package let words: String

    package init(_ outcome: Outcome, code: Int = 0, words: String) {
        self.outcome = outcome
        self.code = code
        self.words = words
    }
}
