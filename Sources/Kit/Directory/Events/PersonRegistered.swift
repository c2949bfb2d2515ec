import Messaging
import Schemas
import Values

/// An account was created. State-carrying: the whole person (X50).
package struct PersonRegistered: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-registered"
    package static let version = 1

    package let person: Person
    /// Who created it; `nil` if the program itself did (set-up, an import), or a version before 0.8.0.
    package let by: ID?
    package var key: ID { person.id }

    package init(person: Person, by: ID? = nil) {
        self.person = person
        self.by = by
    }
}

extension PersonRegistered: Contract {
    package static let shape = Shape("PersonRegistered", PersonRegistered.init) {
        Field("person", \.person, "The whole person as it is now")
        Field("by", \.by, "Who created it; missing for the program itself, and before version 0.8.0")
    }
    package static let about = "An account was created"
    package static let keyField = "person.id"
    package static var example: PersonRegistered { PersonRegistered(person: Examples.person, by: Examples.abe) }
}

extension PersonRegistered: AuditedContract {
    package static let kinds: [String: AuditArea] = ["registered": .people]
    package var audit: Audit? {
        var audit = Audit("registered", of: person.id, by: by)
        audit.saysWho = by != nil
        audit.after = person.roles.sorted().joined(separator: ", ")
        return audit
    }
}
