import Messaging
import Schemas
import Values

/// An account was created. State-carrying: the whole person (X50).
package struct PersonRegistered: Sendable {
    package static let topic = Topic.identity
    package static let name = "person-registered"
    package static let version = 1

    package let person: Person
    package var key: ID { person.id }

    package init(person: Person) { self.person = person }
}

extension PersonRegistered: Contract {
    package static let shape = Shape("PersonRegistered", PersonRegistered.init) {
        Field("person", \.person, "The whole person as it is now")
    }
    package static let about = "An account was created"
    package static let keyField = "person.id"
    package static var example: PersonRegistered { PersonRegistered(person: Examples.person) }
}
