import Values
import ServiceKit
import Web

/// How an installation sends letters.
package struct MailSettings: Sendable {
    /// `nil`: letters are kept and can be read, and none leaves the house.
    package var transport: (any MailTransport)?
    /// Who letters come from; where it is not given, `popug@` the host of the public address.
    package var from: Mailbox?
    /// The language that letters are written in.
    package var language: Language
    /// After how many days what a letter said is dropped; that there was one is kept.
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
