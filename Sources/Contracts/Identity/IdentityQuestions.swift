import Values
import Web

/// What other services ask of Identity.
package enum IdentityQuestions {
    /// Makes sure that everybody has an account who is named in an import, and says who they are (X19). Asked again, it
    /// gives the same answer.
    package static let people = Question<ImportedNames, KnownPeople>(
        "people", "Make people known who are named in an import", seconds: 20)
    /// Takes down when sessions were used (X66).
    package static let uses = Question<[SessionUse], Nothing>("uses", "Note when sessions were used")
    /// Sessions in one question.
    package static let mostUses = 500
}

/// Names in an imported file. At most a hundred in one question: with long ones it stays below the 64 KiB that are read of
/// anybody.
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

/// Who is meant by each name. One that is nobody's, or several people's, is not among them.
package struct KnownPeople: Codable, Sendable {
    package let people: [String: ID]

    package init(people: [String: ID]) {
        self.people = people
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
