import Directory
import Values
import Web

private let personField = Schema.Field(
    "person",
    .object(
        "Person",
        [
            Schema.Field("id", .id, "The person; the event's key"),
            Schema.Field("name", .string, "As pages show it", isPersonal: true),
            Schema.Field("email", .string, "Where letters go", isPersonal: true),
            Schema.Field("roles", .list(.open(Role.staff.sorted())), "Open: roles that are not known may come"),
            Schema.Field("active", .boolean, "false: was deactivated, and may do nothing"),
        ]), "The whole person as it is now")

private let examplePerson = Person(
    id: Examples.emma, name: "Emma", email: "emma@popug.example", roles: [Role.employee], active: true)

extension PersonRegistered: Contract {
    package static let about = "An account was created"
    package static let keyField = "person.id"
    package static let fields = [personField]
    package static var example: PersonRegistered { PersonRegistered(person: examplePerson) }
}

extension PersonChanged: Contract {
    package static let about = "Something about a person changed"
    package static let keyField = "person.id"
    package static let fields = [personField]
    package static var example: PersonChanged { PersonChanged(person: examplePerson) }
}

extension AccessChanged: Contract {
    package static let about = "How a person gets in, or what they may do, was changed"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("person", .id, "Whose way in it is; the event's key"),
        Schema.Field("what", .open(What.allCases.map(\.rawValue)), "Open: what is not known may come"),
        Schema.Field("by", .optional(.id), "Who did it; missing for the program itself"),
        Schema.Field(
            "before", .optional(.string), "The old address, or the old roles by commas", isPersonal: true),
        Schema.Field(
            "after", .optional(.string), "The new address, the new roles, or the names of tokens by commas",
            isPersonal: true),
        Schema.Field("time", .instant, "When"),
    ]
    package static var example: AccessChanged {
        AccessChanged(
            person: Examples.emma, what: .email, by: Examples.abe, before: "emma@popug.example",
            after: "emma.new@popug.example", time: Examples.time)
    }
}

extension SessionsRevoked: Contract {
    package static let about = "Sessions ended before their tokens expire"
    package static let keyField = "person"
    package static let fields: [Schema.Field] = [
        Schema.Field("person", .id, "Whose sessions; the event's key"),
        Schema.Field(
            "sessions",
            .list(
                .object(
                    "RevokedSession",
                    [
                        Schema.Field("id", .id, "The session, as tokens name it"),
                        Schema.Field("until", .instant, "When its last token expires by itself"),
                    ])), "The sessions that ended"),
    ]
    package static var example: SessionsRevoked {
        SessionsRevoked(person: Examples.emma, sessions: [Session(id: Examples.other, until: Examples.time)])
    }
}

extension KeysChanged: Contract {
    package static let about = "The public keys that tokens are signed with"
    package static let keyField = "installation"
    package static let fields: [Schema.Field] = [
        Schema.Field("installation", .id, "The event's key: one for the whole installation"),
        Schema.Field(
            "keys",
            .list(
                .object(
                    "PublicKey",
                    [
                        Schema.Field("id", .string, "The token's kid"),
                        Schema.Field("publicKey", .string, "Base64 of the uncompressed P-256 point, 65 bytes"),
                        Schema.Field("until", .instant, "No token signed with it is valid after this"),
                    ])), "All that are valid now"),
    ]
    package static var example: KeysChanged {
        KeysChanged(
            installation: Examples.installation,
            keys: [Key(id: "k1", publicKey: "BAEC", until: Examples.time)])
    }
}
