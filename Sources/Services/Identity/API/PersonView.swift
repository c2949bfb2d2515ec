import Directory
import Values
import Web

/// A person as programs see them. The e-mail address and what else is personal is for admins and the person alone.
struct PersonView: Encodable, Sendable {
    let id: ID
    let name: String
    let email: String?
    let roles: [String]?
    let active: Bool

    init(_ person: Person, for caller: Person?) {
        id = person.id
        name = person.name
        active = person.active
        let close = caller.map { $0.id == person.id || $0.holds(anyOf: [Role.admin]) } ?? false
        email = close ? person.email : nil
        roles = close ? person.roles.sorted() : nil
    }

    static let schema = Schema.object(
        "Person",
        [
            .init("id", .id, "The person's id"),
            .init("name", .string, "Name"),
            .init("email", .optional(.string), "E-mail address; for admins and the person. Empty where there is none"),
            .init("roles", .optional(.list(.string)), "Roles; for admins and the person"),
            .init("active", .boolean, "Whether the account is in use"),
        ])
}

/// A session or a program's token; the token itself is shown once, when it is made.
struct SessionView: Encodable, Sendable {
    let id: ID
    let person: ID
    let kind: String
    let name: String
    let address: String
    let created: Instant
    let until: Instant
    let scopes: [String]?
    let used: Instant?

    init(_ session: Session) {
        id = session.id
        person = session.person
        kind = session.kind.rawValue
        name = session.name
        address = session.address
        created = session.created
        until = session.until
        scopes = session.scopes
        used = session.used
    }

    static let schema = Schema.object(
        "Session",
        [
            .init("id", .id, "The session's id"),
            .init("person", .id, "Whose it is"),
            .init("kind", .choice(["browser", "program"]), "A sign-in, or a token for a program"),
            .init("name", .string, "What a program's token is called; empty for a sign-in"),
            .init("address", .string, "Where it was begun; empty for a program"),
            .init("created", .instant, "When it began"),
            .init("until", .instant, "When it ends by itself"),
            .init(
                "scopes", .optional(.list(.open(Scope.all))),
                "What a program may change, beside reading; missing of a sign-in, and of a token from before 0.5.0, which "
                    + "may what its person may"),
            .init("used", .optional(.instant), "When it was last used, to a few minutes; missing where it was not"),
        ])
}

/// A session that was just begun.
struct NewSessionView: Encodable, Sendable {
    let id: ID
    let person: ID
    let token: String
    let until: Instant

    init(_ session: NewSession) {
        id = session.id
        person = session.person.id
        token = session.token
        until = session.until
    }

    static let schema = Schema.object(
        "NewSession",
        [
            .init("id", .id, "The session's id"),
            .init("person", .id, "Who signed in"),
            .init("token", .string, "Sent as `Authorization: Bearer …`. It is not shown again"),
            .init("until", .instant, "When it ends by itself"),
        ])
}

/// A change of a person.
struct HistoryView: Encodable, Sendable {
    let id: ID
    let at: Instant
    let by: ID?
    let what: String
    let detail: String

    init(_ entry: HistoryEntry) {
        id = entry.id
        at = entry.at
        by = entry.by
        what = entry.what
        detail = entry.detail
    }

    static let schema = Schema.object(
        "PersonHistoryEntry",
        [
            .init("id", .id, "The entry's id"),
            .init("at", .instant, "When"),
            .init("by", .optional(.id), "Who made the change; missing where the program itself did"),
            .init("what", .string, "What kind of change; the list may grow"),
            .init("detail", .string, "What it was and what it became"),
        ])
}
