import ServiceKit
import Values
import Web

/// How an installation sends letters.
package struct MailSettings: Sendable {
    /// `nil`: letters are kept and can be read, but none is sent.
    package var transport: (any MailTransport)?
    /// The sender of letters; by default `popug@` the host of the public address.
    package var from: Mailbox?
    /// The language that letters are written in.
    package var language: Language
    /// After how many days the text of a letter is dropped; the record of the letter is kept.
    package var keepDays: Int

    package init(
        transport: (any MailTransport)? = nil, from: Mailbox? = nil, language: Language = .english, keepDays: Int = 90
    ) {
        self.transport = transport
        self.from = from
        self.language = language
        self.keepDays = keepDays
    }
}
