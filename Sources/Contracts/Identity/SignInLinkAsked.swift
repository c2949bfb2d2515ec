import Directory
import Messaging
import Schemas
import Values

/// Somebody asked for a letter with a link that signs this person in (S8). The link itself stands in no event: the Mailer
/// asks for it when it sends the letter (``IdentityQuestions/link``).
package struct SignInLinkAsked: Sendable {
    package static let topic = Topic.identity
    package static let name = "sign-in-link-asked"
    package static let version = 1

    package let person: ID
    /// Names the link. However often the letter is sent, its links work once together.
    package let ask: ID
    /// The page to go on to, as a path; `nil` for the person's first page.
    package let next: String?
    package let time: Instant
    package var key: ID { person }

    package init(person: ID, ask: ID, next: String?, time: Instant) {
        self.person = person
        self.ask = ask
        self.next = next
        self.time = time
    }
}

extension SignInLinkAsked: Contract {
    package static let about = "Somebody asked for a letter with a link that signs a person in"
    package static let keyField = "person"
    package static let shape = Shape("SignInLinkAsked", SignInLinkAsked.init) {
        Field("person", \.person, "Whom the link signs in; the event's key")
        Field("ask", \.ask, "Names the link, which is made when the letter is sent")
        Field("next", \.next, "The page to go on to; missing for the first one")
        Field("time", \.time, "When")
    }
    package static var example: SignInLinkAsked {
        SignInLinkAsked(person: Examples.emma, ask: Examples.other, next: "/account", time: Examples.time)
    }
}
