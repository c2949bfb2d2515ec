import Directory
import Storage
import Values
import Web

/// The list of people, and the form for a new account.
struct PeoplePages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [list, blank, create] }

    private var list: Endpoint {
        .page("/people", "People", access: PeopleAPI.admin) { call, transaction in
            let search = call.query("q").map { $0.beginning(200) }
            let part: ListPart<PeopleQueries.Listed> = try call.page(by: \.key) {
                try PeopleQueries.list(search: search, after: $0, limit: $1, in: transaction)
            }
            let people = part.rows.map(\.person)
            let query = search.map { "q=" + PercentCoding.encode($0) + "&" } ?? ""
            return .page(
                "identity/people", title: "identity.people",
                [
                    "q": .text(search ?? ""), "some": .flag(!people.isEmpty),
                    "next": .text(part.next.map { "/people?\(query)cursor=\($0)" } ?? ""),
                    "first": .text(call.query("cursor") == nil ? "" : "/people?\(query)"),
                    "people": .list(
                        people.map { person in
                            [
                                "id": .text(person.id.description), "name": .text(person.name),
                                "email": .text(MailAddress.shown(person.email)), "active": .flag(person.active),
                                "roles": IdentityPages.titles(person.roles, call),
                            ]
                        }),
                ])
        }
    }

    private var blank: Endpoint {
        Endpoint.page("/people/new", "A new person", access: PeopleAPI.admin) { _, _ in
            PeoplePages.form(name: "", email: "", roles: [Role.employee])
        }.needing(.fresh)
    }

    private var create: Endpoint {
        var endpoint = Endpoint.form(
            "/people", "Create an account", access: PeopleAPI.admin,
            again: { call, problem, _ in
                guard problem.status == 422 else { return nil }
                let roles = IdentityPages.roles(in: call)
                return PeoplePages.form(name: call.field("name"), email: call.field("email"), roles: roles)
            }
        ) { [commands, desk] call, transaction in
            let act = CommandContext(call, transaction)
            let hash = desk.newHash(call)
            let person = try commands.create(
                name: call.field("name"), email: call.field("email"), roles: IdentityPages.roles(in: call),
                password: hash, act)
            if hash == nil { _ = try commands.makeLink(for: person.id, act) }
            return .redirect(to: "/people/\(person.id)").saying("identity.notice.created", ["name": person.name])
        }
        endpoint.before = { [desk] call in
            guard !call.field("password").isEmpty else { return call }
            let person = Person(
                id: ID(high: 0, low: 0), name: call.field("name"), email: call.field("email"), roles: [], active: true)
            return try desk.newPassword(call, call.field("password"), for: person)
        }
        // Without a password it makes a link, which is a way in too.
        return endpoint.needing(.wayIn).hiding("password")
    }

    private static func form(name: String, email: String, roles: Set<String>) -> Answer {
        let model: [String: Model] = [
            "name": .text(name.beginning(200)), "email": .text(email.beginning(254)),
        ]
        return .page(
            "identity/new", title: "identity.new", .object(model.merging(IdentityPages.boxes(roles)) { $1 }))
    }
}
