import ServiceKit
import Values
import Web

/// A letter that only shows whether letters arrive; it is not stored.
struct TestLetter: Sendable {
    let settings: MailSettings
    let writer: LetterWriter

    /// Sends it, outside of any transaction.
    /// - Throws: a problem if the address is invalid, or if there is no mail server.
    func send(to text: String, _ environment: Environment) throws -> Delivery {
        let to = try mailbox(text)
        guard let transport = settings.transport else { throw Problem.conflict("mailer.no-server") }
        let message = writer.test(to: to, id: environment.newID(), at: environment.now(), settings.language)
        return try transport.send(from: writer.from.address, to: to.address, message: message.bytes)
    }

    private func mailbox(_ text: String) throws -> Mailbox {
        do {
            return try Mailbox(address: text)
        } catch {
            throw switch error {
            case .malformed: Problem.invalid("address", "mailer.address")
            case .localBeyondASCII: Problem.invalid("address", "mailer.address-local")
            }
        }
    }
}
