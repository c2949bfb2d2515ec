import Schemas
import Values

/// The questions that other services ask Identity.
package enum IdentityQuestions {
    /// Makes sure that everybody named in an import has an account, and returns their ids (X19). A repeated question
    /// gets the same answer.
    package static let people = Question<ImportedNames, KnownPeople>(
        "people", "Make people known who are named in an import", seconds: 20)
    /// Records when sessions were used (X66).
    package static let uses = Question<[SessionUse], Nothing>("uses", "Note when sessions were used")
    /// Makes the link of a letter that is about to be sent (S8). A repeated question gets another link under the same
    /// name: only one of them works, once.
    package static let link = Question<LinkAsked, SignInLink>("link", "Make the sign-in link of a letter")
    /// The most sessions in one question.
    package static let mostUses = 500
}

/// Names in an imported file. One question has at most a hundred, so that even with long names it stays below the 64
/// KiB that are read from any caller.
package struct ImportedNames: Codable, Sendable {
    package static let most = 100

    package let names: [String]
    /// The request that began the import.
    package let trace: String

    package init(names: [String], trace: String) {
        self.names = names
        self.trace = trace
    }
}

/// The id of each name. A name that belongs to nobody, or to several people, is left out.
package struct KnownPeople: Codable, Sendable {
    package let people: [String: ID]

    package init(people: [String: ID]) {
        self.people = people
    }
}

/// The name of a link, as ``SignInLinkAsked`` has it.
package struct LinkAsked: Codable, Sendable {
    package let ask: ID
    package let person: ID
    /// Where the letter goes. No link is made for another address than the one that Identity has.
    package let address: String
    package let next: String?

    package init(ask: ID, person: ID, address: String, next: String?) {
        self.ask = ask
        self.person = person
        self.address = address
        self.next = next
    }
}

/// A link that was made this moment.
package struct SignInLink: Codable, Sendable {
    /// The path on this installation's address; `nil` if there is no link any more: it was used, the person is no longer
    /// active, or links are off.
    package let path: String?

    package init(path: String?) {
        self.path = path
    }
}

package struct SessionUse: Codable, Sendable {
    package let session: ID
    package let at: Instant

    package init(session: ID, at: Instant) {
        self.session = session
        self.at = at
    }
}
