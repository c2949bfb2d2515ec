import Directory
import Storage
import Values
import Web

/// Setting a password with the link that an admin handed over.
struct WelcomePages: Sendable {
    let commands: IdentityCommands
    let desk: PasswordWork

    var endpoints: [Endpoint] { [page, set] }

    private var page: Endpoint {
        .page("/welcome/{link}", "Set a password", access: .anyone) { [commands] call, transaction in
            let link = call.pathValues["link"] ?? ""
            let person = try commands.person(of: link, now: call.now, in: transaction)
            return WelcomePages.filled(person, link)
        }
    }

    private var set: Endpoint {
        var endpoint = Endpoint.form(
            "/welcome/{link}", "Set a password", access: .anyone, idempotent: false,
            again: { [commands] call, problem, transaction in
                guard problem.status == 422 else { return nil }
                let link = call.pathValues["link"] ?? ""
                return WelcomePages.filled(try commands.person(of: link, now: call.now, in: transaction), link)
            }
        ) { [commands, desk] call, transaction in
            let link = call.pathValues["link"] ?? ""
            let person = try commands.person(of: link, now: call.now, in: transaction)
            guard let hash = desk.newHash(call) else { throw Problem(404, "identity.link-gone") }
            let act = CommandContext(transaction, environment: call.environment, trace: call.trace, by: person.id)
            _ = try commands.locked(person.id, act)
            // Once more, now that nobody else can be using it.
            _ = try commands.person(of: link, now: call.now, in: transaction)
            try commands.setPassword(hash, of: person.id, act)
            return .redirect(to: "/sign-in").saying("identity.notice.welcome")
        }
        endpoint.before = { [commands, desk] call in
            let link = call.pathValues["link"] ?? ""
            let now = call.now
            // Only for a valid link: nobody else can make the server compute a hash.
            let person = try desk.look { try commands.person(of: link, now: now, in: $0) }
            return try desk.newPassword(call, call.field("password"), for: person)
        }
        return endpoint
    }

    private static func filled(_ person: Person, _ link: String) -> Answer {
        .page(
            "identity/welcome", title: "identity.welcome",
            [
                "name": .text(person.name), "email": .text(MailAddress.shown(person.email)), "link": .text(link),
            ])
    }
}
