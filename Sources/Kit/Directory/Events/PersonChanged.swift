import Messaging
import Schemas
import Values

/// Name, e-mail, roles or active changed. State-carrying: the whole person as it is now (X50).
package struct PersonChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-changed"
    package static let version = 1

    package let person: Person
    /// Who changed it; `nil` if the program itself did.
    package let by: ID?
    /// The fields of the person that differ from before; `nil` in events of versions before 0.8.0.
    package let changed: [String]?
    package var key: ID { person.id }

    package init(person: Person, by: ID? = nil, changed: [String]? = nil) {
        self.person = person
        self.by = by
        self.changed = changed
    }
}

extension PersonChanged: Contract {
    package static let shape = Shape("PersonChanged", PersonChanged.init) {
        Field("person", \.person, "The whole person as it is now")
        Field("by", \.by, "Who changed it; missing for the program itself, and before version 0.8.0")
        Field(
            "changed", \.changed, .optional(.list(.open(["active", "email", "name", "roles"]))),
            "The person's fields that differ from before; missing before version 0.8.0")
    }
    package static let about = "Something about a person changed"
    package static let keyField = "person.id"
    package static var example: PersonChanged {
        PersonChanged(person: Examples.person, by: Examples.abe, changed: ["name"])
    }
}

extension PersonChanged: AuditedContract {
    package static let kinds: [String: AuditArea] = [
        "renamed": .people, "deactivated": .access, "reactivated": .access, "changed": .people,
    ]

    /// Of a new address or new roles `access-changed` tells, with the old ones.
    package var audit: Audit? {
        guard let changed else {
            var audit = Audit("changed", of: person.id, by: nil)
            audit.saysWho = false
            return audit
        }
        let isRenamed = changed.contains("name")
        guard isRenamed || changed.contains("active") else { return nil }
        let kind = changed.contains("active") ? person.active ? "reactivated" : "deactivated" : "renamed"
        var audit = Audit(kind, of: person.id, by: by)
        if isRenamed { audit.after = person.name }
        return audit
    }
}
