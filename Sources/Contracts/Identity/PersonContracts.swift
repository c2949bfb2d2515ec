import Directory
import Messaging
import Values
import Web

extension Person: Shaped {
    package static let shape = Shape("Person", Person.written) {
        Field("id", \.id, "The person; the event's key")
        Field("name", \.name, "As pages show it", isPersonal: true)
        Field("email", \.email, "Where letters go", isPersonal: true)
        // Sorted, so that the same person is always the same bytes, in a journal and in a comparison.
        Field(
            "roles", { $0.roles.sorted() }, .list(.open(Role.staff.sorted())),
            "Open: roles that are not known may come")
        Field("active", \.active, "false: was deactivated, and may do nothing")
    }

    private static func written(id: ID, name: String, email: String, roles: [String], active: Bool) -> Person {
        Person(id: id, name: name, email: email, roles: Set(roles), active: active)
    }
}

private let examplePerson = Person(
    id: Examples.emma, name: "Emma", email: "emma@popug.example", roles: [Role.employee], active: true)

extension PersonRegistered: Contract {
    package static let shape = Shape("PersonRegistered", PersonRegistered.init) {
        Field("person", \.person, "The whole person as it is now")
    }
    package static let about = "An account was created"
    package static let keyField = "person.id"
    package static var example: PersonRegistered { PersonRegistered(person: examplePerson) }
}

extension PersonChanged: Contract {
    package static let shape = Shape("PersonChanged", PersonChanged.init) {
        Field("person", \.person, "The whole person as it is now")
    }
    package static let about = "Something about a person changed"
    package static let keyField = "person.id"
    package static var example: PersonChanged { PersonChanged(person: examplePerson) }
}

extension AccessChanged: Contract {
    package static let about = "How a person gets in, or what they may do, was changed"
    package static let keyField = "person"
    package static let shape = Shape("AccessChanged", AccessChanged.written) {
        Field("person", \.person, "Whose way in it is; the event's key")
        Field("what", \.what, .open(What.allCases.map(\.rawValue)), "Open: what is not known may come")
        Field("by", \.by, "Who did it; missing for the program itself")
        Field("before", \.before, "The old address, or the old roles by commas", isPersonal: true)
        Field("after", \.after, "The new address, the new roles, or the names of tokens by commas", isPersonal: true)
        Field("time", \.time, "When")
    }
    package static var example: AccessChanged {
        AccessChanged(
            person: Examples.emma, what: .email, by: Examples.abe, before: "emma@popug.example",
            after: "emma.new@popug.example", time: Examples.time)
    }
}

extension SessionsRevoked.Session: Shaped {
    package static let shape = Shape("RevokedSession", SessionsRevoked.Session.init) {
        Field("id", \.id, "The session, as tokens name it")
        Field("until", \.until, "When its last token expires by itself")
    }
}

extension SessionsRevoked: Contract {
    package static let about = "Sessions ended before their tokens expire"
    package static let keyField = "person"
    package static let shape = Shape("SessionsRevoked", SessionsRevoked.init) {
        Field("person", \.person, "Whose sessions; the event's key")
        Field("sessions", \.sessions, "The sessions that ended")
    }
    package static var example: SessionsRevoked {
        SessionsRevoked(person: Examples.emma, sessions: [Session(id: Examples.other, until: Examples.time)])
    }
}

extension KeysChanged.Key: Shaped {
    package static let shape = Shape("PublicKey", KeysChanged.Key.init) {
        Field("id", \.id, "The token's kid")
        Field("publicKey", \.publicKey, "Base64 of the uncompressed P-256 point, 65 bytes")
        Field("until", \.until, "No token signed with it is valid after this")
    }
}

extension KeysChanged: Contract {
    package static let about = "The public keys that tokens are signed with"
    package static let keyField = "installation"
    package static let shape = Shape("KeysChanged", KeysChanged.init) {
        Field("installation", \.installation, "The event's key: one for the whole installation")
        Field("keys", \.keys, "All that are valid now")
    }
    package static var example: KeysChanged {
        KeysChanged(
            installation: Examples.installation,
            keys: [Key(id: "k1", publicKey: "BAEC", until: Examples.time)])
    }
}
