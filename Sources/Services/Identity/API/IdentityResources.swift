import Directory
import Schemas
import Values

/// A person as a caller sees them. Only admins and the person see the e-mail address and other personal data.
struct SeenPerson: Sendable {
    let person: Person
    /// Whether the caller is an admin, or the person.
    let isClose: Bool

    init(_ person: Person, for caller: Person?) {
        self.person = person
        isClose = caller.map { $0.id == person.id || $0.holds(anyOf: [Role.admin]) } ?? false
    }

    static let resource = Resource<SeenPerson>("Person") {
        Field("id", \.person.id, "The person's id")
        Field("name", \.person.name, "Name")
        Field(
            "email", { $0.isClose ? $0.person.email : nil },
            "E-mail address; for admins and the person. Empty where there is none")
        Field("roles", { $0.isClose ? $0.person.roles.sorted() : nil }, "Roles; for admins and the person")
        Field("active", \.person.active, "Whether the account is in use")
    }
}

extension Session {
    /// A session or a program's token, as programs see it; the token itself is shown once, when it is made.
    static let resource = Resource<Session>("Session") {
        Field("id", \.id, "The session's id")
        Field("person", \.person, "Whose it is")
        Field("kind", \.kind.rawValue, .choice(["browser", "program"]), "A sign-in, or a token for a program")
        Field("name", \.name, "What a program's token is called; empty for a sign-in")
        Field("address", \.address, "Where it was begun; empty for a program")
        Field("device", { DeviceName.of($0.agent) }, "Browser and system, as the browser told; empty if it did not")
        Field(
            "ways", { $0.ways.map(\.rawValue) }, .list(.open(Way.allCases.map(\.rawValue))),
            "How the person proved who they are; none for a program, and for a sign-in before 0.8.0")
        Field("created", \.created, "When it began")
        Field("until", \.until, "When it ends by itself")
        Field(
            "scopes", \.scopes, .optional(.list(.open(Scope.all))),
            "What a program may change, beside reading; missing of a sign-in, and of a token from before 0.5.0, which "
                + "may what its person may")
        Field("used", \.used, "When it was last used, to a few minutes; missing where it was not")
    }
}

extension NewSession {
    /// A session that has just begun, as programs see it.
    static let resource = Resource<NewSession>("NewSession") {
        Field("id", \.id, "The session's id")
        Field("person", \.person.id, "Who signed in")
        Field("token", \.token, "Sent as `Authorization: Bearer …`. It is not shown again")
        Field("until", \.until, "When it ends by itself")
    }
}

extension HistoryEntry {
    /// A change of a person, as programs see it.
    static let resource = Resource<HistoryEntry>("PersonHistoryEntry") {
        Field("id", \.id, "The entry's id")
        Field("at", \.at, "When")
        Field("by", \.by, "Who made the change; missing where the program itself did")
        Field("what", \.what, "What kind of change; the list may grow")
        Field("detail", \.detail, "What it was and what it became")
    }
}
