import Contracts
import ServiceKit
import Storage
import Values
import Web

/// Asks Identity for the link of a letter that is about to be sent (S8).
struct LinkMaker: Sendable {
    /// `nil` reaches nobody.
    let asker: (any Asker)?

    enum Made: Sendable, Hashable {
        /// The path of the link.
        case made(String)
        /// The letter is not sent now, or not at all.
        case not(Delivery)
    }

    @available(*, noasync)
    func make(_ asked: LetterContent.Link, for person: ID, at address: String) -> Made {
        guard let asker else { return .not(Delivery(.later, words: "there is nobody who makes links")) }
        do {
            let link = try asker.ask(
                IdentityQuestions.link, of: "identity",
                LinkAsked(ask: asked.ask, person: person, address: address, next: asked.next))
            guard let path = link.path else {
                return .not(
                    Delivery(
                        .refused,
                        words: "there is no link: it was used, links are off, or the address is not the person's"))
            }
            return .made(path)
        } catch StorageError.failed(let words) {
            return .not(Delivery(.refused, words: words))
        } catch {
            return .not(Delivery(.later, words: "identity makes no link now: \(error)"))
        }
    }
}
