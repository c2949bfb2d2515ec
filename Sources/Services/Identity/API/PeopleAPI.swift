import Directory
import Storage
import Values
import Web

/// People for programs and for the command line.
struct PeopleAPI: Sendable {
    let commands: IdentityCommands
    let desk: PasswordDesk

    static let admin = Endpoint.Access.holding([Role.admin])

    var endpoints: [Endpoint] {
        [list, one, me, create, change, batch, history, setPassword, setOwnPassword, makeLink]
    }

    private struct Creation: Decodable {
        let name: String
        let email: String
        let roles: [String]
        let password: String?
    }

    private struct Changes: Decodable {
        let name: String?
        let email: String?
        let roles: [String]?
        let active: Bool?
    }

    private struct Password: Decodable {
        let password: String
    }

    private struct OwnPassword: Decodable {
        let present: String
        let new: String
    }

    private struct Batch: Decodable {
        struct Named: Decodable {
            let external: String
        }
        let people: [Named]
    }

    private struct BatchView: Encodable {
        struct Row: Encodable {
            let external: String
            let id: ID
        }
        let people: [Row]
    }

    private struct LinkView: Encodable {
        let path: String
        let address: String
        let until: Instant
    }

    private static let roles = Schema.list(.text(1...31))
    private static let password = Schema.text(1...1000)

    private var list: Endpoint {
        .read(
            "/api/people", "People, by name", access: PeopleAPI.admin,
            query: [
                Parameter("search", .text(0...200), "Beginnings of words of the name or e-mail"), .cursor, .limit,
            ],
            gives: .page(of: PersonView.schema)
        ) { call, transaction in
            let found = try PeopleQueries.list(
                search: call.query("search"), cursor: call.cursor(2), limit: call.limit(), in: transaction)
            return try .json(
                ListPage(items: found.people.map { PersonView($0, for: call.caller) }, next: found.next))
        }
    }

    private var one: Endpoint {
        .read("/api/people/{person}", "A person, by id", access: .staff, gives: PersonView.schema) {
            call, transaction in
            try .json(PersonView(PeopleQueries.person(call.id("person"), in: transaction), for: call.caller))
        }
    }

    private var me: Endpoint {
        .read("/api/me", "The caller", access: .staff, gives: PersonView.schema) { call, _ in
            try .json(PersonView(call.person(), for: call.caller))
        }
    }

    private var create: Endpoint {
        var endpoint = Endpoint.command(
            .post, "/api/people", "Create an account", access: PeopleAPI.admin,
            takes: .object(
                "NewPerson",
                [
                    .init("name", .text(1...200), "1 to 100 characters"),
                    .init("email", .text(1...254), "E-mail address; nobody else's"),
                    .init("roles", PeopleAPI.roles, "Roles"),
                    .init(
                        "password", .optional(PeopleAPI.password),
                        "At least 10 characters. Without one, make a link with which the person sets it"),
                ]),
            gives: PersonView.schema
        ) { [commands, desk] call, transaction in
            let body = try call.decode(Creation.self)
            let person = try commands.create(
                name: body.name, email: body.email, roles: body.roles, password: desk.newHash(call),
                Act(call, transaction))
            return try .created(PersonView(person, for: call.caller), at: "/api/people/\(person.id)")
        }
        endpoint.before = { [desk] call in
            let body = try call.decode(Creation.self)
            guard let password = body.password else { return call }
            let person = Person(
                id: ID(high: 0, low: 0), name: body.name, email: body.email, roles: [], active: true)
            return try desk.newPassword(call, password, for: person)
        }
        return endpoint.needing(.fresh)
    }

    private var change: Endpoint {
        Endpoint.command(
            .patch, "/api/people/{person}", "Change a person; what is left out stays", access: PeopleAPI.admin,
            takes: .object(
                "PersonChanges",
                [
                    .init("name", .optional(.text(1...200)), "1 to 100 characters"),
                    .init("email", .optional(.text(1...254)), "E-mail address; nobody else's"),
                    .init("roles", .optional(PeopleAPI.roles), "All roles that the person is to hold"),
                    .init("active", .optional(.boolean), "false deactivates: every session ends at once"),
                ]),
            gives: PersonView.schema, idempotent: false
        ) { [commands] call, transaction in
            let body = try call.decode(Changes.self)
            let person = try commands.change(
                call.id("person"),
                .init(name: body.name, email: body.email, roles: body.roles.map { Set($0) }, active: body.active),
                Act(call, transaction))
            return try .json(PersonView(person, for: call.caller))
        }.needing(.fresh)
    }

    private var batch: Endpoint {
        .command(
            .post, "/api/people/batches", "Make sure that these people have accounts", access: PeopleAPI.admin,
            takes: .object(
                "PeopleBatch",
                [
                    .init(
                        "people",
                        .list(
                            .object(
                                "NamedPerson",
                                [.init("external", .text(1...100), "The name that the person is known by elsewhere")])),
                        "Up to 1,000. Who is not known is created as an employee without a password")
                ]),
            gives: .object(
                "PeopleBatchResult",
                [
                    .init(
                        "people",
                        .list(
                            .object(
                                "KnownPerson",
                                [.init("external", .string, "As it was given"), .init("id", .id, "The person's id")])),
                        "Everybody who was named; a text that cannot be a name is left out")
                ]),
            bodyLimit: 512 * 1024
        ) { [commands] call, transaction in
            let names = try call.decode(Batch.self).people.map(\.external)
            let ids = try commands.registerMissing(names, Act(call, transaction))
            let rows = ids.sorted { $0.key < $1.key }.map { BatchView.Row(external: $0.key, id: $0.value) }
            return try .json(BatchView(people: rows))
        }
    }

    private var history: Endpoint {
        .read(
            "/api/people/{person}/history", "The changes of a person, latest first", access: PeopleAPI.admin,
            query: [.cursor, .limit], gives: .page(of: HistoryView.schema)
        ) { call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            let found = try PeopleQueries.history(
                of: person.id, before: call.cursor(1), limit: call.limit(), in: transaction)
            return try .json(ListPage(items: found.entries.map(HistoryView.init), next: found.next))
        }
    }

    private var setPassword: Endpoint {
        var endpoint = Endpoint.command(
            .put, "/api/people/{person}/password", "Set a person's password; their sessions end",
            access: PeopleAPI.admin,
            takes: .object("NewPassword", [.init("password", PeopleAPI.password, "At least 10 characters")]),
            idempotent: false
        ) { [commands, desk] call, transaction in
            guard let hash = desk.newHash(call) else { throw Problem.notFound }
            try commands.setPassword(hash, of: call.id("person"), keeping: call.session, Act(call, transaction))
            return .nothing
        }
        endpoint.before = { [desk] call in
            let id = try call.id("person")
            let person = try desk.look { try PeopleQueries.person(id, in: $0) }
            return try desk.newPassword(call, call.decode(Password.self).password, for: person)
        }
        return endpoint.needing(.fresh)
    }

    private var setOwnPassword: Endpoint {
        var endpoint = Endpoint.command(
            .put, "/api/me/password", "Change one's own password; one's other sessions end", access: .staff,
            takes: .object(
                "OwnPassword",
                [
                    .init("present", PeopleAPI.password, "The present password"),
                    .init("new", PeopleAPI.password, "At least 10 characters"),
                ]), idempotent: false
        ) { [desk] call, transaction in
            try desk.storeChanged(call, in: transaction)
            return .nothing
        }
        endpoint.before = { [desk] call in
            let body = try call.decode(OwnPassword.self)
            return try desk.changedPassword(call, present: body.present, new: body.new)
        }
        return endpoint
    }

    private var makeLink: Endpoint {
        Endpoint.command(
            .post, "/api/people/{person}/welcome-links", "Make a link with which the person sets a password",
            access: PeopleAPI.admin,
            gives: .object(
                "WelcomeLink",
                [
                    .init("path", .string, "To be opened on this server; works once"),
                    .init("address", .string, "The same with the company's public address before it"),
                    .init("until", .instant, "Until when it works"),
                ]),
            // A stored answer would be a stored credential: asking again replaces the link instead.
            idempotent: false
        ) { [commands] call, transaction in
            let link = try commands.makeLink(for: call.id("person"), Act(call, transaction))
            let address = call.company.publicAddress + link.path
            return try .json(LinkView(path: link.path, address: address, until: link.until), status: 201)
        }.needing(.fresh)
    }
}
