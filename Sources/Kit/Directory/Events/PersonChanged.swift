import Messaging
import Schemas
import Values

/// Name, e-mail, roles or active changed. State-carrying: the whole person as it is now (X50).
package struct PersonChanged: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-changed"
    package static let version = 1

    package let person: Person
    package var key: ID { person.id }

    package init(person: Person) { self.person = person }
}

extension PersonChanged: Contract {
    package static let shape = Shape("PersonChanged", PersonChanged.init) {
        Field("person", \.person, "The whole person as it is now")
    }
    package static let about = "Something about a person changed"
    package static let keyField = "person.id"
    package static var example: PersonChanged { PersonChanged(person: Examples.person) }
}
