import Directory
import Schemas
import Storage
import Values
import Web

/// People for programs and for the command line.
struct PeopleAPI: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    static let admin = Endpoint.Access.holding([Role.admin])

    var endpoints: [Endpoint] {
        [list, one, me, create, change, batch, history, setPassword, setOwnPassword, makeLink, handOutLink]
    }

    private static let roles = Schema.list(.text(1...31))
    private static let password = Schema.text(1...1000)

    private var list: Endpoint {
        .list(
            "/api/people", "People, by name", access: PeopleAPI.admin,
            query: [Parameter("search", .text(0...200), "Beginnings of words of the name or e-mail")],
            of: SeenPerson.resource
        ) { call, transaction in
            let part: ListPart<PeopleQueries.Listed> = try call.page(by: \.key) {
                try PeopleQueries.list(search: call.query("search"), after: $0, limit: $1, in: transaction)
            }
            return part.map { SeenPerson($0.person, for: call.caller) }
        }
    }

    private var one: Endpoint {
        .read("/api/people/{person}", "A person, by id", access: .staff, gives: SeenPerson.resource) {
            call, transaction in
            try SeenPerson(PeopleQueries.person(call.id("person"), in: transaction), for: call.caller)
        }
    }

    private var me: Endpoint {
        .read("/api/me", "The caller", access: .staff, gives: SeenPerson.resource) { call, _ in
            try SeenPerson(call.person(), for: call.caller)
        }
    }

    private struct NewPerson: Shaped {
        let name: String
        let email: String
        let roles: [String]
        let password: String?

        static let shape = Shape("NewPerson", NewPerson.init) {
            Field("name", \.name, .text(1...200), "1 to 100 characters")
            Field("email", \.email, .text(1...254), "E-mail address; nobody else's")
            Field("roles", \.roles, PeopleAPI.roles, "Roles")
            Field(
                "password", \.password, .optional(PeopleAPI.password),
                "At least 10 characters. Without one, make a link with which the person sets it")
        }
    }

    private var create: Endpoint {
        var endpoint = Endpoint.creation(
            "/api/people", "Create an account", access: PeopleAPI.admin, takes: NewPerson.self,
            gives: SeenPerson.resource
        ) { [commands, desk] call, body, transaction in
            let person = try commands.create(
                name: body.name, email: body.email, roles: body.roles, password: desk.newHash(call),
                CommandContext(call, transaction))
            return Created(SeenPerson(person, for: call.caller), at: "/api/people/\(person.id)")
        }
        endpoint.before = { [desk] call in
            let body = try call.found(NewPerson.self)
            if body.password != nil || !Set(body.roles).isSubset(of: [Role.employee]) { try call.mayGiveWayIn() }
            guard let password = body.password else { return call }
            let person = Person(
                id: ID(high: 0, low: 0), name: body.name, email: body.email, roles: [], active: true)
            return try desk.newPassword(call, password, for: person)
        }
        endpoint.details = "With a password, or another role than employee, a program's token needs every scope."
        // Guarded within: a program that only registers employees needs one scope. Other roles give more: where
        // sign-in links are on, whoever reads the mail of the address can sign in.
        return endpoint.needing(.fresh).hiding("password")
    }

    private struct Changes: Shaped {
        let name: String?
        let email: String?
        let roles: [String]?
        let active: Bool?

        static let shape = Shape("PersonChanges", Changes.init) {
            Field("name", \.name, .optional(.text(1...200)), "1 to 100 characters")
            Field("email", \.email, .optional(.text(1...254)), "E-mail address; nobody else's")
            Field("roles", \.roles, .optional(PeopleAPI.roles), "All roles that the person is to hold")
            Field("active", \.active, "false deactivates: every session ends at once")
        }
    }

    private var change: Endpoint {
        var endpoint = Endpoint.command(
            .patch, "/api/people/{person}", "Change a person; what is left out stays", access: PeopleAPI.admin,
            takes: Changes.self, gives: SeenPerson.resource, idempotent: false
        ) { [commands] call, body, transaction in
            if body.email != nil || body.roles != nil { try call.mayGiveWayIn() }
            let person = try commands.change(
                call.id("person"),
                .init(name: body.name, email: body.email, roles: body.roles.map { Set($0) }, active: body.active),
                CommandContext(call, transaction))
            return SeenPerson(person, for: call.caller)
        }
        endpoint.details = "With an e-mail address or roles, a program's token needs every scope."
        // Guarded within: a program that deactivates those who leave needs one scope.
        return endpoint.needing(.fresh)
    }

    private struct Batch: Shaped {
        struct Named: Shaped {
            let external: String

            static let shape = Shape("NamedPerson", Named.init) {
                Field("external", \.external, .text(1...100), "The name that the person is known by elsewhere")
            }
        }

        let people: [Named]

        static let shape = Shape("PeopleBatch", Batch.init) {
            Field(
                "people", \.people, "Up to 1,000. Who is not known is created as an employee without a password")
        }
    }

    private struct BatchResult: Sendable {
        struct Known: Shown {
            let external: String
            let id: ID

            static let resource = Resource<Known>("KnownPerson") {
                Field("external", \.external, "As it was given")
                Field("id", \.id, "The person's id")
            }
        }

        let people: [Known]

        static let resource = Resource<BatchResult>("PeopleBatchResult") {
            Field("people", \.people, "Everybody who was named; a text that cannot be a name is left out")
        }
    }

    private var batch: Endpoint {
        .command(
            .post, "/api/people/batches", "Make sure that these people have accounts", access: PeopleAPI.admin,
            takes: Batch.self, gives: BatchResult.resource, bodyLimit: 512 * 1024
        ) { [commands] call, body, transaction in
            let ids = try commands.registerMissing(body.people.map(\.external), CommandContext(call, transaction))
            let people = ids.sorted { $0.key < $1.key }.map { BatchResult.Known(external: $0.key, id: $0.value) }
            return BatchResult(people: people)
        }
    }

    private var history: Endpoint {
        .list(
            "/api/people/{person}/history", "The changes of a person, latest first", access: PeopleAPI.admin,
            of: HistoryEntry.resource
        ) { call, transaction in
            let person = try PeopleQueries.person(call.id("person"), in: transaction)
            return try call.page(by: \.id) {
                try PeopleQueries.history(of: person.id, before: $0, limit: $1, in: transaction)
            }
        }
    }

    private struct NewPassword: Shaped {
        let password: String

        static let shape = Shape("NewPassword", NewPassword.init) {
            Field("password", \.password, PeopleAPI.password, "At least 10 characters")
        }
    }

    private var setPassword: Endpoint {
        var endpoint = Endpoint.command(
            .put, "/api/people/{person}/password", "Set a person's password; their sessions end",
            access: PeopleAPI.admin, takes: NewPassword.self, idempotent: false
        ) { [commands, desk] call, _, transaction in
            guard let hash = desk.newHash(call) else { throw Problem.notFound }
            try commands.setPassword(
                hash, of: call.id("person"), keeping: call.session, CommandContext(call, transaction))
            return .nothing
        }
        endpoint.before = { [desk] call in
            let id = try call.id("person")
            let person = try desk.look { try PeopleQueries.person(id, in: $0) }
            return try desk.newPassword(call, call.found(NewPassword.self).password, for: person)
        }
        return endpoint.needing(.wayIn)
    }

    private struct OwnPassword: Shaped {
        let present: String
        let new: String

        static let shape = Shape("OwnPassword", OwnPassword.init) {
            Field("present", \.present, PeopleAPI.password, "The present password")
            Field("new", \.new, PeopleAPI.password, "At least 10 characters")
        }
    }

    private var setOwnPassword: Endpoint {
        var endpoint = Endpoint.command(
            .put, "/api/me/password", "Change one's own password; one's other sessions end", access: .staff,
            takes: OwnPassword.self, idempotent: false
        ) { [desk] call, _, transaction in
            try desk.storeChanged(call, in: transaction)
            return .nothing
        }
        endpoint.before = { [desk] call in
            let body = try call.found(OwnPassword.self)
            return try desk.changedPassword(call, present: body.present, new: body.new)
        }
        return endpoint
    }

    private struct MadeLink: Sendable {
        let path: String
        let address: String
        let until: Instant

        init(_ link: (path: String, until: Instant), _ call: Call) {
            (path, address, until) = (link.path, call.company.publicAddress + link.path, link.until)
        }

        static let welcome = resource("WelcomeLink")
        static let signIn = resource("SignInLink")

        private static func resource(_ name: String) -> Resource<MadeLink> {
            Resource<MadeLink>(name) {
                Field("path", \.path, "To be opened on this server; works once")
                Field("address", \.address, "The same with the company's public address before it")
                Field("until", \.until, "Until when it works")
            }
        }
    }

    private var makeLink: Endpoint {
        Endpoint.command(
            .post, "/api/people/{person}/welcome-links", "Make a link with which the person sets a password",
            access: PeopleAPI.admin, gives: MadeLink.welcome, status: 201,
            // Not idempotent: a stored answer would be a stored credential. A repeated call replaces the link instead.
            idempotent: false
        ) { [commands] call, transaction in
            try MadeLink(commands.makeLink(for: call.id("person"), CommandContext(call, transaction)), call)
        }.needing(.wayIn)
    }

    private var handOutLink: Endpoint {
        Endpoint.command(
            .post, "/api/people/{person}/sign-in-links", "Make a link that signs the person in, to be handed over",
            access: PeopleAPI.admin, gives: MadeLink.signIn, status: 201,
            // Not idempotent, as above. Every link works once, for 15 minutes.
            idempotent: false
        ) { [commands] call, transaction in
            try MadeLink(commands.handOutLink(for: call.id("person"), CommandContext(call, transaction)), call)
        }.needing(.wayIn)
    }
}
